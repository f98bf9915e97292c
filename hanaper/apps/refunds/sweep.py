"""What is due and not done: plans to look at again, windows that close. Payments sweeps the money."""

from datetime import datetime

from hanaper.apps.refunds.models import RefundPlan
from hanaper.apps.refunds.services.executing import pursue_plan
from hanaper.apps.refunds.services.planning import go_on_alone
from hanaper.apps.refunds.services.reminding import remind
from hanaper.apps.refunds.vocabulary import LOOKED_AT, PlanState
from hanaper.storage.sweeping import each

BATCH = 100


def sweep(at: datetime, system_at: datetime) -> int:
    """Look at every plan and window whose time has come; how many."""
    due = RefundPlan.objects.filter(state__in=LOOKED_AT, next_look_at__lte=system_at)
    pks = due.order_by("next_look_at").values_list("pk", flat=True)[:BATCH]
    done = each(pks, lambda pk: pursue_plan(pk, at, system_at))
    # Others act then, and need not come back to say so.
    stopped = RefundPlan.objects.filter(state=PlanState.STOPPED, problem__code="two_persons_needed")
    pks = stopped.filter(next_look_at__lte=system_at).values_list("pk", flat=True)[:BATCH]
    done += each(pks, lambda pk: go_on_alone(pk, at, system_at))
    return done + remind(at, BATCH)
