"""Finding certificates by what somebody remembers of them: part of a name, a serial number, an id."""

from collections.abc import Iterable

import idna
from django.db.models import Exists, OuterRef, Q, QuerySet

from hanaper.apps.certificates.models.certificates import Certificate, CertificateName
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.core.actor import Actor, ActorKind
from hanaper.storage.prefixes import begins_with

# So many hits are looked up by their keys; of more, whoever reads from the newest meets some soon enough.
FEW = 1000


def endings(names: Iterable[str]) -> list[str]:
    """What names end with, each once: `www.example.com`, `example.com` and `com`."""
    found: set[str] = set()
    for name in names:
        labels = name.split(".")
        found.update(".".join(labels[first:]) for first in range(len(labels)))
    return sorted(found)


def found_by(actor: Actor, text: str) -> Q:
    """Certificates with a name of which some part begins with `text`; by serial number in hexadecimal, with
    or without colons; by public id. Costs the same however many certificates there are."""
    text = text.strip().lower()
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return Q(pk__in=())  # no certificate carries such a name
    named = CertificateName.objects.filter(begins_with("ending", text))
    own = named.filter(account=actor.account_id) if actor.kind is ActorKind.CUSTOMER else named
    keys = set(own.values_list("certificate", flat=True)[:FEW])
    others = {*_of_serial(text), *Certificate.objects.filter(public_id=text).values_list("pk", flat=True)}
    if len(keys) < FEW:
        # Keys and nothing else: beside anything else in an OR the planner would rather read every row.
        return Q(pk__in=keys | others)
    # Of each certificate, whoseever it is: then the planner looks the certificate up, and not the account.
    found = Q(Exists(named.filter(certificate=OuterRef("pk"))))
    return found | Q(pk__in=others) if others else found


def _of_serial(text: str) -> QuerySet[IssuerOrder, int]:
    serial = text.replace(":", "").replace(" ", "").lstrip("0")
    if not serial or any(character not in "0123456789abcdef" for character in serial):
        return IssuerOrder.objects.none().values_list("certificate", flat=True)
    return IssuerOrder.objects.filter(serial=serial).values_list("certificate", flat=True)[:FEW]
