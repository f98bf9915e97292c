"""Why certificates are revoked. In a module of its own, for whoever has no need of certificates."""

from enum import StrEnum


class RevocationReason(StrEnum):
    """Why a certificate was revoked (RFC 5280 5.3.1), named as the standard names it.

    certificateHold is for private CAs alone: what is public cannot be undone (R12, BR 4.9.13).
    """

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    CA_COMPROMISE = "cACompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    CERTIFICATE_HOLD = "certificateHold"
    PRIVILEGE_WITHDRAWN = "privilegeWithdrawn"

    @property
    def code(self) -> int:
        """The number in the CRL, as ACME (RFC 8555 7.6) and `openssl` use it."""
        return _CODES[self]

    @classmethod
    def of_code(cls, code: int) -> "RevocationReason":
        """The reason with that number; raises ValueError for one that is not used here."""
        for reason, number in _CODES.items():
            if number == code:
                return reason
        raise ValueError(f"no revocation reason that can be given has the code {code}")


_CODES = {
    RevocationReason.UNSPECIFIED: 0,
    RevocationReason.KEY_COMPROMISE: 1,
    RevocationReason.CA_COMPROMISE: 2,
    RevocationReason.AFFILIATION_CHANGED: 3,
    RevocationReason.SUPERSEDED: 4,
    RevocationReason.CESSATION_OF_OPERATION: 5,
    RevocationReason.CERTIFICATE_HOLD: 6,
    RevocationReason.PRIVILEGE_WITHDRAWN: 9,
}
