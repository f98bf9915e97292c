"""Due work: entries without a seal."""

from datetime import datetime

from hanaper.apps.audit.services import seal_pending


def sweep(at: datetime, system_at: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    """Seal what was written since the last time; how many."""
    return seal_pending()
