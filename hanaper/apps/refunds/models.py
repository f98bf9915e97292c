from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds.vocabulary import (
    ACTIVE_PLAN,
    PlanState,
    RefundOrigin,
    RefundState,
    StepProgress,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Refund(models.Model):
    """Giving back what was paid for one order: the decision with everything it was made from, and its course.

    `requested_at` is the receipt of the request, which the decision was made for (D2). `facts` and
    `decision` replay to the same bytes. The money itself moves in payments, under this refund's public id.
    """

    public_id = PublicIdField("rfd")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=20, choices=[(state, state) for state in RefundState])
    origin = models.CharField(max_length=20, choices=[(origin, origin) for origin in RefundOrigin])
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    policy = models.CharField(max_length=40)
    facts = models.JSONField()
    decision = models.TextField()  # the canonical bytes
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    # By hand (R14): who proposed it and why, and the second person.
    reason = models.CharField(max_length=500, blank=True, default="")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            # D11, R6: one under way or succeeded, ever.
            models.UniqueConstraint(
                fields=["order"],
                name="refund_one_each_order",
                condition=Q(state__in=[RefundState.PAYING, RefundState.SUCCEEDED]),
            ),
            models.UniqueConstraint(
                fields=["order"], name="refund_one_proposal", condition=Q(state=RefundState.PROPOSED)
            ),
            models.CheckConstraint(name="refund_amount", condition=Q(amount__gte=0)),
            # R14: the second person is a second person.
            models.CheckConstraint(
                name="refund_second_person",
                condition=~Q(origin=RefundOrigin.OPERATOR)
                | Q(state__in=[RefundState.PROPOSED, RefundState.DECLINED])
                | (
                    Q(approved_by__isnull=False, proposed_by__isnull=False) & ~Q(approved_by=F("proposed_by"))
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "requested_at", "id"], name="refund_by_account"),
            models.Index(fields=["requested_at", "id"], name="refund_by_requested_at"),
            models.Index(fields=["state", "requested_at", "id"], name="refund_by_state"),
        ]

    def __str__(self) -> str:
        return self.public_id


class RefundPlan(models.Model):
    """The whole way to a refund, carried out from one confirmation (D14).

    `confirmed` are the irreversible steps somebody said yes to, as [action, target]; `tried` those steps of
    `outline` (the steps last computed) that were carried out since it last changed. Lease and next look are
    system time.
    """

    public_id = PublicIdField("pln")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="refund_plans")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_plans")
    state = models.CharField(
        max_length=20, choices=[(state, state) for state in PlanState], default=PlanState.PREPARED
    )
    token = models.CharField(max_length=64)
    decision = models.JSONField()  # as it was shown
    confirmed = models.JSONField(default=list)
    outline = models.JSONField(default=list)
    tried = models.JSONField(default=list)
    problem = models.JSONField(null=True)
    actor = models.JSONField(null=True)  # who confirmed
    prepared_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="plan")
    next_look_at = models.DateTimeField()
    looks = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="plan_one_active", condition=Q(state__in=ACTIVE_PLAN)
            )
        ]
        indexes = [
            models.Index(fields=["account", "prepared_at", "id"], name="plan_by_account"),
            models.Index(
                fields=["next_look_at"],
                name="plan_due",
                condition=Q(state__in=[PlanState.RUNNING, PlanState.WAITING]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PlanStep(models.Model):
    """One step of a plan as a person follows it."""

    plan = models.ForeignKey(RefundPlan, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=30)
    target = models.CharField(max_length=40)
    by = models.CharField(max_length=20)
    irreversible = models.BooleanField()
    due = models.DateTimeField(null=True)
    progress = models.CharField(
        max_length=20, choices=[(one, one) for one in StepProgress], default=StepProgress.PLANNED
    )
    note = models.CharField(max_length=500, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="plan_step_position")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
