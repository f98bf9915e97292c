"""Certificates that could be served for a domain, as the products that issue them tell of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate of the account whose key is here. `id`: its public id in its product."""

    id: str
    names: tuple[str, ...]
    not_after: datetime


def covers(names: Iterable[str], domain: str) -> bool:
    """A wildcard stands for one label (RFC 9525 6.3)."""
    _, _, above = domain.partition(".")
    return any(name in (domain, f"*.{above}") for name in names)
