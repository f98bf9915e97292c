"""A certificate that a gateway has made for its domain by itself: what a product is asked, and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.wire import Proof
from hanaper.core.x509.algorithms import KeyAlgorithm

QUOTA = "quota"  # the source that is the account's own quota of SSL certificates
# Kinds of keys that browsers meet a site with, the usual one first.
KEYS = (
    KeyAlgorithm.EC_P256,
    KeyAlgorithm.EC_P384,
    KeyAlgorithm.RSA_2048,
    KeyAlgorithm.RSA_3072,
    KeyAlgorithm.RSA_4096,
)


def key_algorithm_of(wanted: KeyAlgorithm | None, among: Sequence[KeyAlgorithm] = KEYS) -> KeyAlgorithm:
    """That of a key to be made: what is wanted, or the first of KEYS that is `among` what its issuer takes.
    Refused: `key_not_served`."""
    found = wanted or next((one for one in KEYS if one in among), None)
    if found not in KEYS:
        kinds = ", ".join(KEYS)
        raise InvalidInput(
            f"Browsers meet no site with such a key. One of: {kinds}.",
            field="key_algorithm",
            code="key_not_served",
        )
    return found


class ShownBy(StrEnum):
    """How an issuer sees that the domain is its owner's."""

    GATEWAY = "gateway"  # nodes answer for it, once the domain leads to them
    DNS = "dns"  # its owner sets a record, which may be before it leads here


@dataclass(frozen=True, slots=True)
class Asked:
    """`source`: QUOTA, or the public id of a private CA; `contact`: public id, empty where none is needed;
    `replaces`: the certificate that is served until the new one is there; `template`: of a private CA, empty:
    the one for servers; `key_algorithm`: of KEYS, None: the usual one."""

    account_id: int
    domain: str
    source: str
    shown_by: ShownBy
    contact: str = ""
    replaces: str = ""
    template: str = ""
    key_algorithm: KeyAlgorithm | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Where an account could have one from. `of`: the order or the CA; `left`: how many there are."""

    source: str
    name: str
    of: str
    left: int


class Stage(StrEnum):
    """What became of a certificate that was begun."""

    BEGUN = "begun"  # we act next: it exists, and was not applied for
    PENDING = "pending"  # the issuer acts next
    ISSUED = "issued"
    FAILED = "failed"  # we act next: it may be applied for again
    LOST = "lost"  # we act next: it came to nothing, or its time is over
    TAKEN_BACK = "taken_back"  # somebody cancelled or revoked it, and need not want another


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record that the owner of the domain is to set."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`source`: what it came from; `code`, `message`: why it is not issued yet, or was not; `renew_at`: from
    when on another one should be had, None while its product sees to that; `tell_at`: when to say that it
    ends, None if it is renewed at no cost; `ends_at`: what is said; `template`, `key_algorithm`: of an
    issued one, or of what follows it within its term."""

    stage: Stage
    source: str
    code: str = ""
    message: str = ""
    proofs: tuple[Proof, ...] = ()
    records: tuple[Record, ...] = ()
    renew_at: datetime | None = None
    tell_at: datetime | None = None
    ends_at: datetime | None = None
    template: str = ""
    key_algorithm: KeyAlgorithm | None = None
