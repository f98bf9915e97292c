from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.models import Product
from hanaper.apps.orders.vocabulary import CancelReason, MovementKind, OrderOrigin, OrderState
from hanaper.apps.payments.models import Payment
from hanaper.core.money import MAX_AMOUNT
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager

PAID_STATES = (OrderState.PAID, OrderState.REFUND_IN_PROGRESS, OrderState.REFUNDED)


class Order(models.Model):
    """What an account bought at once: one kind of product, one number of years, prices frozen.

    total = subtotal - discount = coupon_share + voucher_share + money; all in minor units, tax included.
    `policy`, `zone`, `calendar` and `promotion` are pinned when it is placed (D9).
    """

    public_id = PublicIdField("ord")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(
        max_length=20, choices=[(state, state) for state in OrderState], default=OrderState.UNPAID
    )
    product_kind = models.CharField(max_length=40)
    years = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(
        max_length=20, choices=[(origin, origin) for origin in OrderOrigin], default=OrderOrigin.PURCHASE
    )
    renews = models.CharField(max_length=40, blank=True, default="")  # public id of what is renewed
    region = models.CharField(max_length=40, blank=True, default="")  # of the private CAs that it buys
    combined = models.BooleanField(default=False)  # D4, R9
    currency = models.CharField(max_length=3)
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)  # of the promotion
    total = models.BigIntegerField()
    coupon_share = models.BigIntegerField(default=0)
    voucher_share = models.BigIntegerField(default=0)
    money = models.BigIntegerField()  # to be paid by balance or card
    tax_amount = models.BigIntegerField(default=0)  # contained in the total
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # the first moment at which it can no longer be paid
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_because = models.CharField(
        max_length=20, blank=True, default="", choices=[(reason, reason) for reason in CancelReason]
    )
    refunded_at = models.DateTimeField(null=True)
    # Business time: when `refunds` looks whether to remind of the closing window; None: never (again).
    refund_look_at = models.DateTimeField(null=True)
    policy = models.CharField(max_length=40)
    zone = models.CharField(max_length=64)
    calendar = models.JSONField()  # SPEC section 7
    promotion = models.JSONField(null=True)  # {"id", "name", "percent", "policy": {"refundable", "days"}}
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="order")

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_sums",
                condition=Q(total=F("subtotal") - F("discount"))
                & Q(total=F("coupon_share") + F("voucher_share") + F("money"))
                & Q(subtotal__lte=MAX_AMOUNT, discount__gte=0, coupon_share__gte=0)
                & Q(voucher_share__gte=0, money__gte=0, tax_amount__gte=0)
                & Q(tax_amount__lte=F("total")),
            ),
            models.CheckConstraint(
                name="order_paid_at",
                # A CHECK that is NULL passes: say that the column is there.
                condition=Q(state__in=PAID_STATES, paid_at__isnull=False, paid_at__gte=F("placed_at"))
                | (~Q(state__in=PAID_STATES) & Q(paid_at=None)),
            ),
            models.CheckConstraint(
                name="order_cancelled_at",
                condition=(
                    Q(state=OrderState.CANCELLED, cancelled_at__isnull=False) & ~Q(cancelled_because="")
                )
                | (~Q(state=OrderState.CANCELLED) & Q(cancelled_at=None, cancelled_because="")),
            ),
            models.CheckConstraint(
                name="order_refunded_at",
                condition=Q(state=OrderState.REFUNDED, refunded_at__isnull=False)
                | (~Q(state=OrderState.REFUNDED) & Q(refunded_at=None)),
            ),
            models.CheckConstraint(name="order_years", condition=Q(years__gte=1, years__lte=3)),
        ]
        indexes = [
            models.Index(fields=["account", "placed_at", "id"], name="order_by_account"),
            models.Index(fields=["account", "state", "placed_at", "id"], name="order_by_state"),
            models.Index(fields=["placed_at", "id"], name="order_by_placed_at"),
            models.Index(
                fields=["refund_look_at", "id"],
                name="order_to_remind",
                condition=Q(refund_look_at__isnull=False),
            ),
            models.Index(fields=["expires_at"], name="order_to_expire", condition=Q(state=OrderState.UNPAID)),
        ]

    def __str__(self) -> str:
        return self.public_id


class OrderLine(models.Model):
    """So many of one product. The shares of all lines sum to those of the order, exactly."""

    public_id = PublicIdField("oln")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    unit_price = models.BigIntegerField()
    subtotal = models.BigIntegerField()
    discount_share = models.BigIntegerField(default=0)
    coupon_share = models.BigIntegerField(default=0)
    voucher_share = models.BigIntegerField(default=0)
    paid_share = models.BigIntegerField()  # of what is paid in money
    tax_rate_basis_points = models.PositiveIntegerField(default=0)
    tax_amount = models.BigIntegerField(default=0)  # contained in subtotal - discount_share - coupon_share
    quota_available = models.IntegerField(default=0)  # the sum of its movements

    account_path = "order__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
            models.CheckConstraint(name="order_line_quota", condition=Q(quota_available__gte=0)),
            models.CheckConstraint(
                name="order_line_sums",
                condition=Q(subtotal=F("unit_price") * F("quantity"))
                & Q(subtotal=F("discount_share") + F("coupon_share") + F("voucher_share") + F("paid_share"))
                & Q(quantity__gte=1, discount_share__gte=0, coupon_share__gte=0)
                & Q(voucher_share__gte=0, paid_share__gte=0, tax_amount__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class QuotaMovement(models.Model):
    """One movement of a line's quota; append-only. `reference`: what it was for, such as a certificate."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in MovementKind])
    amount = models.PositiveIntegerField()
    reference = models.CharField(max_length=40)
    at = models.DateTimeField()

    account_path = "line__order__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            # A certificate takes once, and gives back at most once.
            models.UniqueConstraint(fields=["line", "kind", "reference"], name="quota_movement_once"),
            models.CheckConstraint(name="quota_movement_amount", condition=Q(amount__gte=1)),
        ]
        indexes = [models.Index(fields=["reference"], name="quota_movement_by_reference")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.reference}"
