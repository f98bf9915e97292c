"""Due work: deliveries to send, in batches of one for each endpoint."""

import time
from datetime import datetime

from hanaper.apps.recovery.services import in_recovery
from hanaper.apps.webhooks.sending import due, send
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
    return called
