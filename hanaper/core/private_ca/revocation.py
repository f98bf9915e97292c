"""Why something of a private CA may be revoked for good (RFC 5280 5.3.1). A hold is a verb of its own."""

from hanaper.core.x509.reasons import RevocationReason

_OF_CAS, _HOLD = RevocationReason.CA_COMPROMISE, RevocationReason.CERTIFICATE_HOLD
REASONS = tuple(one for one in RevocationReason if one not in (_HOLD, _OF_CAS))
CA_REASONS = tuple(
    one for one in RevocationReason if one not in (_HOLD, RevocationReason.PRIVILEGE_WITHDRAWN)
)
