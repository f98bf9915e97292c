"""The words of the catalogue, as SPEC sections 6 and 7 write them."""

from enum import StrEnum


class ProductKind(StrEnum):
    """The kinds with rules of their own; any other kind is a service with nothing but used or unused."""

    SSL_CERTIFICATE = "ssl_certificate"
    PRIVATE_ROOT_CA = "private_root_ca"
    PRIVATE_INTERMEDIATE_CA = "private_intermediate_ca"
    HTTPS_GATEWAY = "https_gateway"
    # Named by the policy of 2026-03-18, each unused in its own sense.
    MESSAGE = "message"
    MONITORING = "monitoring"
    REPOSITORY = "repository"
    DEPLOYMENT = "deployment"


PRIVATE_CAS = (ProductKind.PRIVATE_ROOT_CA, ProductKind.PRIVATE_INTERMEDIATE_CA)


class CertificateLevel(StrEnum):
    DV = "dv"
    OV = "ov"
    EV = "ev"


class DomainKind(StrEnum):
    SINGLE = "single"
    MULTI_DOMAIN = "multi_domain"
    WILDCARD = "wildcard"
    MULTI_WILDCARD = "multi_wildcard"
    HYBRID = "hybrid"  # single and wildcard names together


class UseState(StrEnum):
    """What became of an order's use of a voucher or coupon."""

    HELD = "held"  # the order is placed and unpaid
    SPENT = "spent"  # paid: for good
    RELEASED = "released"  # the order was cancelled or expired without ever being paid
