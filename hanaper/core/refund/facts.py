"""What a refund decision needs to know, complete, as section 7 of SPEC.md writes it down.

Plain frozen values without behaviour. `facts_reading` takes them from JSON, `facts_writing` puts them
out again, `sense` tells whether they can be true together.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hanaper.core.calendar import BusinessCalendar

SSL_CERTIFICATE = "ssl_certificate"
PRIVATE_ROOT_CA = "private_root_ca"
PRIVATE_INTERMEDIATE_CA = "private_intermediate_ca"
HTTPS_GATEWAY = "https_gateway"

# Which part of the facts tells what was done with a product; every other product is a `service`.
PART_OF_PRODUCT = {
    SSL_CERTIFICATE: "certificates",
    PRIVATE_ROOT_CA: "ca",
    PRIVATE_INTERMEDIATE_CA: "ca",
    HTTPS_GATEWAY: "gateway",
}
PARTS = ("certificates", "ca", "gateway", "service")

# R3: what these covered is not returned. Every other means is money, the balance included.
NOT_MONEY = frozenset({"voucher", "coupon"})


class Origin(StrEnum):
    PURCHASE = "purchase"
    RENEWAL = "renewal"
    EARLY_RENEWAL = "early_renewal"


class RefundProgress(StrEnum):
    """What became of an earlier refund of the order; one given up leaves nothing."""

    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"


class CertificateState(StrEnum):
    """The states of a certificate on the list (section 4)."""

    PENDING_APPLICATION = "pending_application"
    VALIDATING_APPLICATION = "validating_application"
    VALIDATION_FAILED = "validation_failed"
    ISSUED = "issued"
    VALIDATING_REVOCATION = "validating_revocation"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_ACTIVATED = "not_activated"


class CaState(StrEnum):
    NOT_ENABLED = "not_enabled"
    ENABLED = "enabled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Payment:
    """One part of what was paid, in minor units of the order's currency."""

    means: str
    amount: int

    @property
    def is_money(self) -> bool:
        return self.means not in NOT_MONEY


@dataclass(frozen=True, slots=True)
class Promotion:
    """The event an order was bought in, with the refund terms it had then (R2, D9, D16)."""

    id: str
    refundable: bool
    days: int


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    product: str
    origin: Origin
    placed_at: datetime
    paid_at: datetime | None
    currency: str
    years: int
    combined: bool
    payments: tuple[Payment, ...]
    promotion: Promotion | None
    policy: str
    zone: str
    calendar: BusinessCalendar
    refund: RefundProgress | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate on the list: one service year. `series` pairs the years of one of several."""

    id: str
    state: CertificateState
    year: int
    series: str
    publicly_trusted: bool
    revocation_requested_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrivateCa:
    """`reset_at` is the last reset, None again once the CA was enabled after it."""

    id: str
    state: CaState
    reset_at: datetime | None
    enabled_intermediates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """`domains` are there now; `reset_at` is None again once one was added after it.

    GRCQ counts website visits and outbound traffic (R18): `visits` and `bytes_out` are what was measured,
    `grcq_used` what of it was already charged to the quota.
    """

    id: str
    domains: int
    visits: int
    bytes_out: int
    grcq_included: int
    grcq_used: int
    reset_at: datetime | None

    @property
    def consumed(self) -> bool:
        # R18: either one above zero is consumption. D8: it survives reset and removal of the domain.
        return self.visits > 0 or self.bytes_out > 0 or self.grcq_used > 0


@dataclass(frozen=True, slots=True)
class OtherService:
    """Any other service, used in its own sense or not (R8)."""

    used: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """An order and what was done with what it bought; only the part that the product has is set."""

    order: Order
    certificates: tuple[Certificate, ...] | None = None
    ca: PrivateCa | None = None
    gateway: Gateway | None = None
    service: OtherService | None = None
