"""Due work: deliveries to send, in batches of one for each endpoint, and those to forget."""

import time
from datetime import datetime

from hanaper.apps.recovery.services import in_recovery
from hanaper.apps.webhooks.models import Delivery
from hanaper.apps.webhooks.sending import due, send
from hanaper.apps.webhooks.vocabulary import FORGOTTEN_AT_ONCE, KEPT
from hanaper.storage.sweeping import round_ends


def sweep(at: datetime, system_at: datetime) -> int:
    """Send what is due until the round ends; how many calls. None after a restore: others sent those."""
    if in_recovery():
        return 0
    called, until = 0, round_ends()
    while time.monotonic() < until:
        sent = send(due(system_at), at, system_at)
        called += sent
        if sent == 0:
            break
    return called + _forget(system_at)


def _forget(system_at: datetime) -> int:
    """Deliveries that ended long ago; their events stay. How many."""
    ended = Delivery.objects.filter(due_at=None, created_at__lt=system_at - KEPT).order_by("created_at")
    keys = list(ended.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return Delivery.objects.filter(pk__in=keys, due_at=None).delete()[0] if keys else 0
