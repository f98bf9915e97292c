"""The states of refunds and plans; each says who acts next."""

from enum import StrEnum


class RefundState(StrEnum):
    PROPOSED = "proposed"  # by hand (R14): a second operator acts
    PAYING = "paying"  # we and the providers act; the order is locked (D11)
    SUCCEEDED = "succeeded"  # R6; a return may still bounce to the balance (R4)
    GIVEN_UP = "given_up"  # nothing was paid; the order goes on
    DECLINED = "declined"  # by the second operator; nothing happened


class RefundOrigin(StrEnum):
    SELF_SERVICE = "self_service"
    PLAN = "plan"
    OPERATOR = "operator"


class PlanState(StrEnum):
    PREPARED = "prepared"  # the customer confirms
    RUNNING = "running"  # we act
    WAITING = "waiting"  # an operator, a check or the CA acts
    NEEDS_CONFIRMATION = "needs_confirmation"  # D14: an irreversible step that was not confirmed
    STOPPED = "stopped"  # a step was refused: the customer mends and resumes
    DONE = "done"  # the refund was asked for
    REFUSED = "refused"  # the decision has become a refusal
    CANCELLED = "cancelled"


# We look at these by ourselves; the others wait for a person.
LOOKED_AT = (PlanState.RUNNING, PlanState.WAITING)
ACTIVE_PLAN = (PlanState.RUNNING, PlanState.WAITING, PlanState.NEEDS_CONFIRMATION, PlanState.STOPPED)


class StepProgress(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    WAITING = "waiting"
    REFUSED = "refused"
    DROPPED = "dropped"  # no longer needed when its turn came
