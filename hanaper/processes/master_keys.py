"""The master keys of this machine, for who operates it: which there are, and a new one."""

from typing import TypedDict

from django.db import transaction
from django.db.models import Count

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.secrets.models import DataKey
from hanaper.apps.secrets.services import master_keys, rotate_master_key
from hanaper.core.actor import Actor


class Listed(TypedDict):
    """A key by its id, and how many data keys it seals; `present` is false where its file is missing."""

    id: str
    seals: int
    present: bool


def every_key() -> list[Listed]:
    """The keys whose files are here, the oldest first, and then the missing ones that the database needs."""
    counted = DataKey.objects.values_list("master_key").annotate(count=Count("pk")).order_by("master_key")
    seals = dict(counted)
    here = master_keys().names()
    return [
        *(Listed(id=name, seals=seals.get(name, 0), present=True) for name in here),
        *(Listed(id=name, seals=seals[name], present=False) for name in seals if name not in here),
    ]


def rotate(actor: Actor) -> str:
    """Seal everything under a new master key; its id. The old files stay, for the backups made under them."""
    with transaction.atomic():
        name = rotate_master_key()
        record(actor, AuditAction.MASTER_KEY_ROTATED, name, at=clock.now())
    return name
