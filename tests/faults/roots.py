"""A root CA's life by two persons, walked like `drive.py`: `python -m tests.faults.roots`; JSON at the end.

A member approves what the owner proposes: the root is enabled, then reset. After a crash nobody asks
again for what was approved: the sweep finishes it.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from hanaper import clock
from hanaper.apps.accounts.models import Membership, User
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Authority, StoredKey
from hanaper.apps.authority.services import crl_file
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.orders import services as orders
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.services.deeds import enabling
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import Operation
from hanaper.apps.private_ca.transcripts import is_sound
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.core.x509.names import Subject
from tests.faults.drive import Journey

SECOND = "second@example.com"


def second(account: Any) -> Actor:
    user = User.objects.filter(email=SECOND).first() or User.objects.create_user(SECOND)
    Membership.objects.get_or_create(account=account, user=user, defaults={"role": AccountRole.MEMBER})
    return Actor(ActorKind.CUSTOMER, SECOND, account.pk, AccountRole.MEMBER, user_id=user.pk)


def walk() -> dict[str, Any]:
    journey = Journey("success")
    first, other, at = journey.actor, second(journey.account), clock.now()
    services.switch_on(first, journey.account, at=at)
    if not PrivateCA.objects.exists():
        lines = [LineDraft("private-root-ca", 1)]
        order = orders.place_order(first, account=journey.account, lines=lines, currency="USD", at=at)
        orders.pay_order(first, order, means=[MeansChoice(Means.BALANCE)], at=at)
    root = PrivateCA.objects.get(kind="root")
    given = enabling(CaSettings(subject=Subject(common_name="Root")), None)
    for operation, parameters in ((Operation.ENABLE, given), (Operation.RESET, {})):
        at = clock.now()  # not before what the sweep has given up meanwhile
        asked = Ceremony.objects.filter(operation=operation).first()
        if asked is None:
            asked = ceremonies.propose(first, journey.account, operation, root, parameters, at=at)
        if asked.state == "proposed":
            ceremonies.approve(other, asked, at=at)
        for _ in range(2):
            journey.sweep()
    root.refresh_from_db()
    used = Authority.objects.values("key_id")
    made = Authority.objects.filter(role=None)
    return {
        "root": root.state,
        "ceremonies": list(Ceremony.objects.order_by("pk").values_list("operation", "state")),
        "sound": all(is_sound(one) for one in Ceremony.objects.all()),
        "told": AuditEntry.objects.filter(action="ceremony.carried_out").count(),
        "enabled": AuditEntry.objects.filter(action="private_ca.enabled").count(),
        "reset": AuditEntry.objects.filter(action="private_ca.reset").count(),
        "authorities": [one.ended_at is not None and crl_file(one).exists() for one in made],
        "keys left over": StoredKey.objects.exclude(public_id__in=used).count(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(walk()) + "\n")
