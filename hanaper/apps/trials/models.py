from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds.models import Refund
from hanaper.apps.trials.vocabulary import Subject, TrialState
from hanaper.core.refund.trial import Change
from hanaper.storage.ids import PublicIdField


class PolicyTrial(models.Model):
    """A refund policy tried on the whole order book: what would change if it bound every order.

    `text` is the policy as it was when the trial began. Every paid order up to `last_order` is judged by its
    own policy and by this one, at `at` or `days` after its payment; then every refund up to `last_refund`, as
    it was asked for. `order_cursor` and `refund_cursor` say how far it is; `tally` and `reviews` are sums so
    far, written together with the cursors.
    """

    public_id = PublicIdField("trl")
    policy = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(
        max_length=20, choices=[(one, one) for one in TrialState], default=TrialState.RUNNING
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_order = models.BigIntegerField()
    last_refund = models.BigIntegerField()
    order_cursor = models.BigIntegerField(default=0)
    refund_cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField()  # orders and refunds to look at, when it began
    looked_at = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    tally = models.JSONField(default=list)  # {subject, product, currency, change, count, before, after}
    reviews = models.JSONField(default=dict)  # {needed, needed_before, overdue, overdue_before}
    accounts = models.JSONField(default=list)  # those that gain or lose most: {account, name, currency, ...}
    moved_at = models.DateTimeField()  # system time
    version = models.PositiveIntegerField(default=0)  # counts the commits, so that each follows the last

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], name="trial_one_running", condition=Q(state=TrialState.RUNNING)
            )
        ]
        indexes = [models.Index(fields=["started_at", "id"], name="trial_by_start")]

    def __str__(self) -> str:
        return self.public_id


class TrialFinding(models.Model):
    """One order, or one refund that was paid, for which the policy that is tried decides otherwise."""

    trial = models.ForeignKey(PolicyTrial, on_delete=models.CASCADE, related_name="findings")
    subject = models.CharField(max_length=10, choices=[(one, one) for one in Subject])
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, null=True, related_name="+")
    product = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    change = models.CharField(max_length=20, choices=[(one, one) for one in Change])
    before = models.BigIntegerField()  # minor units that go back
    after = models.BigIntegerField()
    because_before = models.CharField(max_length=100)  # clauses
    because_after = models.CharField(max_length=100)

    class Meta:
        indexes = [
            models.Index(fields=["trial", "id"], name="trial_finding_by_id"),
            models.Index(fields=["trial", "change", "id"], name="trial_finding_by_change"),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.order_id}"
