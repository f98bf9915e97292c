"""Due work: unpaid orders whose time has run out."""

from datetime import datetime

from hanaper.apps.orders.services.ending import expire_unpaid


def sweep(at: datetime, system_at: datetime) -> int:
    """How many orders ended. Safe to run twice and at once: each order is locked and looked at again."""
    del system_at  # a term of the business
    return expire_unpaid(at)
