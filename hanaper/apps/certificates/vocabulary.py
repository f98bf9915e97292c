"""The words of certificates beside the states and actions of hanaper.core.certificate.states."""

from datetime import UTC, datetime
from enum import StrEnum

# For a certificate whose term has not begun: sorts after every other (a list sorts by columns without nulls).
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class ApplicationState(StrEnum):
    """Where one attempt at a certificate stands."""

    VALIDATING = "validating"  # control of its domains is being checked
    REVIEWING = "reviewing"  # OV and EV: an operator looks at the organisation
    ISSUING = "issuing"  # at the issuer
    ISSUED = "issued"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


ACTIVE_APPLICATION = (ApplicationState.VALIDATING, ApplicationState.REVIEWING, ApplicationState.ISSUING)


class Purpose(StrEnum):
    """Why an application was made."""

    APPLY = "apply"  # the customer's form
    ACTIVATION = "activation"  # the next year of several begins
    REISSUE = "reissue"  # within the year, by itself (D13)
    REKEY = "rekey"  # within the year, at the customer's wish, with a new key


class CheckMethod(StrEnum):
    DNS = "dns"  # a TXT record
    HTTP = "http"  # a file
    GATEWAY = "gateway"  # a file that the nodes of our own gateway give, where the domain leads to them


class CheckState(StrEnum):
    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"  # for good: too many tries, or too long
    WITHDRAWN = "withdrawn"


class IssuerOrderState(StrEnum):
    """What became of one order at an issuer. Who acts next: us, then the CA, then us."""

    PREPARED = "prepared"  # the intention is kept, nothing was sent for sure
    SUBMITTED = "submitted"  # the CA works on it, as far as we know
    ISSUED = "issued"  # an X.509 certificate was fetched and counts
    FAILED = "failed"  # the CA refused
    UNWANTED = "unwanted"  # withdrawn meanwhile: whatever comes of it is revoked
    DISCARDED = "discarded"  # nothing came of it, or what came was revoked


OPEN_ISSUER_ORDER = (IssuerOrderState.PREPARED, IssuerOrderState.SUBMITTED, IssuerOrderState.UNWANTED)


class RevocationState(StrEnum):
    PENDING = "pending"  # an operator reviews it
    APPROVED = "approved"  # the CA is being told
    DONE = "done"
    REFUSED = "refused"
    LAPSED = "lapsed"  # the term ended first, or it was revoked for cause


OPEN_REVOCATION = (RevocationState.PENDING, RevocationState.APPROVED)


class RevocationReason(StrEnum):
    """Why, in the words of RFC 5280 5.3.1 that Baseline Requirements 7.2.2 leave to subscribers and CAs."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"  # a CA's or operator's, never a subscriber's


SUBSCRIBER_REASONS = tuple(r for r in RevocationReason if r is not RevocationReason.PRIVILEGE_WITHDRAWN)


class Removal(StrEnum):
    """Why a certificate left the list."""

    CANCEL_APPLY = "cancel_apply"
    DELETE_REQUEST = "delete_request"
    CANCEL = "cancel"
    COMBINE = "combine"
    WITH_FIRST = "leave_with_first"
    REFUND = "refund"
