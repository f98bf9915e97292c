"""Reading trials, for operators."""

from django.db.models import QuerySet

from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.trials.vocabulary import Subject, TrialState
from hanaper.core.errors import InvalidInput, NotFound
from hanaper.core.refund.trial import Change


def trials(*, policy: str = "") -> QuerySet[PolicyTrial]:
    """Those that were not removed; without the texts of their policies."""
    found = PolicyTrial.objects.exclude(state=TrialState.REMOVED).select_related("started_by").defer("text")
    return found.filter(policy=policy) if policy else found


def trial(public_id: str) -> PolicyTrial:
    found = trials().filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no policy trial {public_id!r}.", code="policy_trial_not_found")
    return found


def findings(trial: PolicyTrial, *, change: str = "", subject: str = "") -> QuerySet[TrialFinding]:
    """What a trial found, thing by thing, in the order in which it looked at them."""
    found = TrialFinding.objects.filter(trial=trial).select_related("order", "account", "refund")
    if change:
        found = found.filter(change=_one_of("change", change, Change))
    if subject:
        found = found.filter(subject=_one_of("subject", subject, Subject))
    return found


def _one_of(field: str, value: str, words: type[Change] | type[Subject]) -> str:
    if value not in list(words):
        raise InvalidInput(f"It is one of {', '.join(words)}.", field=field, code="unknown_word")
    return value
