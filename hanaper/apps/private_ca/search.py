"""Finding private CAs and their certificates by what somebody remembers of them."""

import idna
from django.db.models import Exists, OuterRef, Q

from hanaper.apps.private_ca.models.cas import CaName, PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate, PrivateName
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.private_ca.alternative_names import AlternativeNames
from hanaper.core.private_ca.ca_names import endings_of_name, plain
from hanaper.storage.prefixes import begins_with

FEW, LONGEST = 1000, 255
FINGERPRINT = 64  # hexadecimal digits of SHA-256


def endings_of(names: AlternativeNames, common_name: str | None) -> list[str]:
    """What a search may begin with, each once: every ending of a host, and the rest whole."""
    found: set[str] = set()
    for host in names.dns:
        labels = host.split(".")
        found.update(".".join(labels[first:]) for first in range(len(labels)))
    for mailbox in names.email:
        found.update((mailbox.lower(), mailbox.lower().rpartition("@")[2]))
    found.update(one.lower() for one in (*names.ip, *names.uri))
    if common_name:
        found.add(common_name.lower())
    return sorted(one[:LONGEST] for one in found)


def found_by(actor: Actor, text: str) -> Q:
    """Those with a name of which some part begins with `text`; by serial number or SHA-256 fingerprint, with
    or without colons; by public id. Costs the same however many there are."""
    text = text.strip()
    digits = text.replace(":", "").replace(" ", "")
    exactly = Q(serial=digits.upper()) | Q(public_id=text)
    if len(digits) == FINGERPRINT:
        exactly |= Q(fingerprint=digits.lower())
    named = PrivateName.objects.filter(_begins(text.lower()))
    own = named.filter(account=actor.account_id) if actor.kind is ActorKind.CUSTOMER else named
    keys = set(own.values_list("certificate", flat=True)[:FEW])
    # Keys alone: an alternative beside them would make the planner walk the whole list.
    exact = set(PrivateCertificate.objects.filter(exactly).values_list("pk", flat=True)[:FEW])
    if len(keys) < FEW:
        return Q(pk__in=keys | exact)
    return Q(Exists(named.filter(certificate=OuterRef("pk")))) | Q(pk__in=exact)


def _begins(text: str) -> Q:
    """Also as a host is written in certificates, which is how it is kept."""
    as_it_is = begins_with("ending", text)
    if text.isascii():
        return as_it_is
    try:
        return as_it_is | begins_with("ending", idna.encode(text, uts46=True).decode())
    except (idna.IDNAError, UnicodeError):
        return as_it_is


def keep_name(ca: PrivateCA) -> None:
    """What it is found by from now on; in the transaction that names it."""
    CaName.objects.filter(ca=ca).delete()
    CaName.objects.bulk_create(CaName(ca=ca, ending=ending) for ending in set(endings_of_name(ca.name)))


def cas_found_by(text: str) -> Q:
    """Those with a name of which some word begins with `text`, or with it as their public id. However many
    CAs there are, an index answers; of more than FEW, the newest."""
    named = CaName.objects.filter(begins_with("ending", plain(text)))
    keys = set(named.order_by("-ca").values_list("ca", flat=True)[:FEW])
    exact = PrivateCA.objects.filter(public_id=text.strip()).values_list("pk", flat=True)
    return Q(pk__in=keys | set(exact))
