"""Who serves a certificate: products that do register how to ask them.

Certificates never import them; before a revocation its owner is told which sites it concerns.
"""

from collections.abc import Callable, Sequence

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.core.gateway.served import told_of_served

_sites: list[Callable[[int, str], Sequence[str]]] = []


def register(sites: Callable[[int, str], Sequence[str]]) -> None:
    """Called once, by `wiring.py`: the domains that an account serves with a certificate, in order."""
    _sites[:] = [sites]


def told_of_sites(certificate: Certificate) -> str:
    """What its revocation would do to sites, in sentences; empty if there are none."""
    asked = (sites(certificate.account_id, certificate.public_id) for sites in _sites)
    return told_of_served([domain for domains in asked for domain in domains])
