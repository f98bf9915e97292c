from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.payments.vocabulary import (
    UNFINISHED,
    AttemptState,
    Destination,
    Means,
    PartState,
    PaymentState,
    ReturnState,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Payment(models.Model):
    """What pays for one order, in parts. `total` is the sum of the parts once it is paid."""

    public_id = PublicIdField("pay")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments")
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    state = models.CharField(
        max_length=20, choices=[(state, state) for state in PaymentState], default=PaymentState.OPEN
    )
    opened_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True, default="")  # why the last try failed
    # Money was given back at the provider behind our back: returns wait for an operator.
    disputed = models.BooleanField(default=False)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="payment_total", condition=Q(total__gte=0)),
            models.CheckConstraint(
                name="payment_paid_at",
                condition=Q(state=PaymentState.PAID, paid_at__isnull=False)
                | (~Q(state=PaymentState.PAID) & Q(paid_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PaymentPart(models.Model):
    """One means of a payment. What was captured bounds what can be given back, by constraint (R3, R4)."""

    public_id = PublicIdField("pap")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    means = models.CharField(max_length=20, choices=[(means, means) for means in Means])
    state = models.CharField(max_length=20, choices=[(state, state) for state in PartState])
    amount = models.BigIntegerField()
    captured = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    reference = models.CharField(max_length=80, blank=True, default="")  # the voucher or coupon
    provider = models.CharField(max_length=40, blank=True, default="")
    provider_charge = models.CharField(max_length=80, blank=True, default="")
    last_four = models.CharField(max_length=4, blank=True, default="")  # of the card; never more of it
    hold = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="+")

    account_path = "payment__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "position"], name="payment_part_position"),
            models.CheckConstraint(
                name="payment_part_never_over",
                condition=Q(reserved__gte=0, refunded__gte=0, captured__gte=0, amount__gt=0)
                & Q(captured__lte=F("amount"))
                & Q(captured__gte=F("reserved") + F("refunded")),
            ),
            models.CheckConstraint(
                name="payment_part_r3",
                condition=Q(means__in=[Means.BALANCE, Means.CARD]) | Q(reserved=0, refunded=0),
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_charge"],
                name="payment_part_one_charge",
                condition=~Q(provider_charge=""),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Attempt(models.Model):
    """What calls at a provider have in common: a key, a state, a lease, and when to look again."""

    key = PublicIdField("key")  # the idempotency key towards the provider: made before the call, used once
    state = models.CharField(
        max_length=20, choices=[(state, state) for state in AttemptState], default=AttemptState.PREPARED
    )
    problem = models.CharField(max_length=300, blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    # System time: leases and back-off are about machines, not about business.
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


class ChargeAttempt(Attempt):
    """One try to charge a card. `token` stands for the card at the provider; the number is never kept."""

    part = models.ForeignKey(PaymentPart, on_delete=models.PROTECT, related_name="charges")
    token = models.CharField(max_length=80)
    provider_charge = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["part"], name="charge_one_unfinished", condition=Q(state__in=UNFINISHED)
            )
        ]
        indexes = [models.Index(fields=["next_try_at"], name="charge_due", condition=Q(state__in=UNFINISHED))]


class Return(models.Model):
    """Money of one part on its way back (R4). The reservation in the ledger is resolved exactly once.

    `reference` is the public id of the refund it belongs to.
    """

    public_id = PublicIdField("ret")
    part = models.ForeignKey(PaymentPart, on_delete=models.PROTECT, related_name="returns")
    reference = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    state = models.CharField(
        max_length=20, choices=[(state, state) for state in ReturnState], default=ReturnState.RESERVED
    )
    destination = models.CharField(
        max_length=20, blank=True, default="", choices=[(one, one) for one in Destination]
    )
    reservation = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="+")
    bounce = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    account_path = "part__payment__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "reference"], name="return_once_a_refund"),
            models.CheckConstraint(name="return_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="return_has_one_destination",
                condition=(Q(state=ReturnState.RETURNED) & ~Q(destination=""))
                | (~Q(state=ReturnState.RETURNED) & Q(destination="")),
            ),
        ]
        indexes = [models.Index(fields=["reference"], name="return_by_reference")]

    def __str__(self) -> str:
        return self.public_id


class RefundAttempt(Attempt):
    """One try to give money back at the provider."""

    of = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="attempts")
    provider_refund = models.CharField(max_length=80, blank=True, default="")
    first_sent_at = models.DateTimeField(null=True)  # system time; keys are pruned a day later

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["of"], name="refund_one_unfinished", condition=Q(state__in=UNFINISHED)
            ),
            models.UniqueConstraint(
                fields=["provider_refund"], name="refund_one_each", condition=~Q(provider_refund="")
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="refund_due", condition=Q(state__in=UNFINISHED))]


class ProviderEvent(models.Model):
    """The inbox of webhooks: each event of a provider once, however often it is delivered."""

    provider = models.CharField(max_length=40)
    event = models.CharField(max_length=80)
    kind = models.CharField(max_length=80)
    body = models.JSONField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event"], name="provider_event_once")]
        indexes = [models.Index(fields=["id"], name="provider_event_unhandled", condition=Q(handled_at=None))]

    def __str__(self) -> str:
        return self.event


class ExternalRefund(models.Model):
    """Money given back at the provider and not by us: recorded so that the books agree, and looked at."""

    provider_refund = models.CharField(max_length=80, unique=True)
    part = models.ForeignKey(PaymentPart, on_delete=models.PROTECT, related_name="external_refunds")
    amount = models.BigIntegerField()
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.provider_refund
