"""The certificates that a private CA includes: taken one by one, never more than there are."""

from datetime import datetime

from django.db.models import F

from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import Refusal
from hanaper.storage.composed import Change, composed_change

TOLD = (80, 95, 100)  # per cent used, each told of once


def take(ca: PrivateCA, at: datetime) -> None:
    """One certificate of the quota of `ca`, whose order is locked. Refused: `quota_used_up`."""
    if not _count(ca.pk):
        raise Refusal(
            f"The {ca.quota} certificates of this private CA are used up.",
            code="quota_used_up",
            next_steps=["Buy another intermediate CA."],
            details={"quota": ca.quota},
        )
    used = ca.quota_used + 1  # as it was read under the lock
    for percent in TOLD:
        if used == -(-ca.quota * percent // 100):
            _tell(ca, used, percent, at)


@composed_change
def _count(ca_pk: int) -> Change:
    left = PrivateCA.objects.filter(pk=ca_pk, quota_used__lt=F("quota"))
    return Change(left, quota_used=F("quota_used") + 1)


def give_back(ca_id: int) -> None:
    """Of a certificate that was never made."""
    PrivateCA.objects.filter(pk=ca_id).update(quota_used=F("quota_used") - 1)


def _tell(ca: PrivateCA, used: int, percent: int, at: datetime) -> None:
    emit(
        EventKind.PRIVATE_CA_QUOTA_LOW,
        account_id=ca.account_id,
        subject=ca.public_id,
        at=at,
        dedupe=f"{ca.public_id}:quota:{percent}:{ca.quota}",
        data={
            "name": ca.name or ca.public_id,
            "percent": percent,
            "quota": ca.quota,
            "used": used,
            "left": ca.quota - used,
        },
    )
