"""What is due and not done: trials that nobody is at, and those that were removed."""

from datetime import datetime

from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.trials.running import pursue_trial
from hanaper.apps.trials.vocabulary import DELETED_AT_ONCE, STALLED, TrialState
from hanaper.storage.sweeping import each


def sweep(at: datetime, system_at: datetime) -> int:
    stalled = PolicyTrial.objects.filter(state=TrialState.RUNNING, moved_at__lte=system_at - STALLED)
    done = each(stalled.values_list("pk", flat=True), lambda pk: pursue_trial(pk, at, system_at))
    removed = PolicyTrial.objects.filter(state=TrialState.REMOVED)
    return done + each(removed.values_list("pk", flat=True), _delete)


def _delete(pk: int) -> bool:
    """A part of what it found; the trial itself with the last of it."""
    found = TrialFinding.objects.filter(trial_id=pk).order_by("pk").values_list("pk", flat=True)
    keys = list(found[:DELETED_AT_ONCE])
    TrialFinding.objects.filter(pk__in=keys).delete()
    if len(keys) < DELETED_AT_ONCE:
        PolicyTrial.objects.filter(pk=pk).delete()
    return True
