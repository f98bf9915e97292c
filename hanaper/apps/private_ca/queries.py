"""Reading private CAs, within the wall of the account."""

from django.db.models import QuerySet

from hanaper.apps.private_ca.models import PrivateCA
from hanaper.core.actor import Actor


def private_cas(actor: Actor, *, state: str = "", kind: str = "") -> QuerySet[PrivateCA]:
    found = PrivateCA.objects.visible_to(actor).select_related("order", "parent")
    if state:
        found = found.filter(state=state)
    return found.filter(kind=kind) if kind else found


def private_ca(actor: Actor, public_id: str) -> PrivateCA:
    rows = PrivateCA.objects.select_related("order", "parent")
    return rows.get_visible(actor, public_id, what="private CA")
