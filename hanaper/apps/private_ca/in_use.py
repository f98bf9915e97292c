"""Who uses what a private CA issued: products that serve it register how to ask them.

Private CAs never import them; before a reset or a revocation its owner is told what it would take trust from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.gateway.served import told_of_served
from hanaper.core.private_ca.alternative_names import some


@dataclass(frozen=True, slots=True)
class Site:
    """`certificate`: the public id of what is served; `source`: that of the CA it is to come from by itself,
    or empty."""

    domain: str
    certificate: str
    source: str


_sites: list[Callable[[int], Sequence[Site]]] = []


def register(sites: Callable[[int], Sequence[Site]]) -> None:
    """Called once, by `wiring.py`: the sites of an account."""
    _sites[:] = [sites]


def told_of_sites(ca: PrivateCA) -> str:
    """What a reset or a revocation of the CA would do to sites, in sentences; empty if there are none."""
    sites = sites_fed_by(ca)
    if not sites:
        return ""
    return (
        f"Sites that a gateway serves with certificates from it: {len(sites)} ({some(sites)}). Browsers that"
        " check refuse them then, until each has another certificate."
    )


def told_of_its_sites(certificate: PrivateCertificate) -> str:
    """What a revocation of the certificate would do to sites, in sentences; empty if there are none."""
    found = [site for sites in _sites for site in sites(certificate.account_id)]
    return told_of_served(sorted(site.domain for site in found if site.certificate == certificate.public_id))


def sites_fed_by(ca: PrivateCA) -> list[str]:
    """The domains that are served with a certificate of the CA, or are to have theirs from it, in order."""
    found = [site for sites in _sites for site in sites(ca.account_id)]
    named = [site.certificate for site in found]
    its = set(
        PrivateCertificate.objects.filter(ca=ca, public_id__in=named).values_list("public_id", flat=True)
    )
    return sorted({site.domain for site in found if site.certificate in its or site.source == ca.public_id})
