"""Where chains and keys come from: products that issue register what they have for a domain.

The gateway never imports them, and keeps no copy of a key: a node asks, and the product is asked.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from hanaper.core.errors import NotFound
from hanaper.core.gateway.candidates import Candidate
from hanaper.core.gateway.wire import KeyPair

# From so long before its end on, a certificate gives way to one that lasts longer.
RENEWED_WITHIN = timedelta(days=30)


class Source(Protocol):
    """All look in the one account only."""

    def candidates(self, account_id: int, domain: str, at: datetime) -> Sequence[Candidate]:
        """Those that are valid for `domain` and whose key was made here, the one that lasts longest first."""
        ...

    def ends_at(self, account_id: int, public_id: str, at: datetime) -> datetime | None:
        """Until when that is valid; None if it is not, or is not of this product."""
        ...

    def key_pair(self, account_id: int, public_id: str, at: datetime) -> KeyPair | None:
        """Chain and key of what is current now; None if there is none that is valid."""
        ...

    def last_key_pair(self, account_id: int, public_id: str) -> KeyPair | None:
        """The same of what was current last, whether it is valid or not; None if it is gone."""
        ...

    def revoked_at(self, account_id: int, public_id: str) -> datetime | None:
        """Since when nobody is to trust it any more, by whomever it was revoked or put on hold."""
        ...


_sources: list[Source] = []


def register(*sources: Source) -> None:
    """Called once, by `wiring.py`."""
    _sources[:] = sources


def candidates(account_id: int, domain: str, at: datetime) -> list[Candidate]:
    found = [one for source in _sources for one in source.candidates(account_id, domain, at)]
    return sorted(found, key=lambda one: one.not_after, reverse=True)


def key_pair(account_id: int, public_id: str, at: datetime) -> KeyPair | None:
    for source in _sources:
        found = source.key_pair(account_id, public_id, at)
        if found is not None:
            return found
    return None


def last_key_pair(account_id: int, public_id: str) -> KeyPair | None:
    for source in _sources:
        found = source.last_key_pair(account_id, public_id)
        if found is not None:
            return found
    return None


def revoked_at(account_id: int, public_id: str) -> datetime | None:
    found = (source.revoked_at(account_id, public_id) for source in _sources)
    return next((one for one in found if one is not None), None)


def current(account_id: int, domain: str, certificate: str, at: datetime) -> str:
    """The certificate to be served from now on: the one that was chosen, until it ends soon and there is one
    of the same product that lasts longer. Visitors need not trust what another product issues."""
    ends = [found for source in _sources if (found := source.ends_at(account_id, certificate, at))]
    if ends and ends[0] - at > RENEWED_WITHIN:
        return certificate
    for one in candidates(account_id, domain, at):
        if _product(one.id) == _product(certificate) and (not ends or one.not_after > ends[0]):
            return one.id
    return certificate


def _product(public_id: str) -> str:
    return public_id.partition("_")[0]


def name_of(instance: str, pair: KeyPair) -> str:
    """By which nodes ask for it: another chain or key has another name."""
    digest = hashlib.sha256(f"{pair.chain}{hashlib.sha256(pair.key.encode()).hexdigest()}".encode())
    return f"{instance}-{digest.hexdigest()[:32]}"


def chosen(account_id: int, domain: str, wanted: str, at: datetime) -> Candidate:
    """The candidate that was asked for, or without a wish the one that lasts longest. NotFound."""
    found = candidates(account_id, domain, at)
    for one in found:
        if wanted in ("", one.id):
            return one
    raise NotFound(
        f"There is no certificate of this account for {domain} whose key was made here"
        + (f" called {wanted!r}." if wanted else "."),
        code="certificate_not_found",
        field="certificate",
        next_steps=["Apply for a certificate for this domain and let its key be made here, then try again."],
    )
