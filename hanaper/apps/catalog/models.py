from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.vocabulary import PRIVATE_CAS, CertificateLevel, DomainKind, ProductKind, UseState
from hanaper.core.money import MAX_AMOUNT
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager

EMPTY = ""


class Product(models.Model):
    """Something that is sold. Columns that a kind does not have are empty (zero for numbers)."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)  # a ProductKind, or the code of any other service
    brand = models.CharField(max_length=60, blank=True, default=EMPTY)
    level = models.CharField(
        max_length=2, blank=True, default=EMPTY, choices=[(level, level) for level in CertificateLevel]
    )
    domain_kind = models.CharField(
        max_length=20, blank=True, default=EMPTY, choices=[(kind, kind) for kind in DomainKind]
    )
    years = models.PositiveSmallIntegerField(default=1)
    term_months = models.PositiveSmallIntegerField(default=0)
    publicly_trusted = models.BooleanField(default=False)
    needs_id_number = models.BooleanField(default=False)  # of the contact of an application
    grcq_included = models.PositiveIntegerField(default=0)
    certificates_included = models.PositiveIntegerField(default=0)  # of a private CA
    is_active = models.BooleanField(default=True)  # withdrawn products are kept for their orders

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="product_certificate_complete",
                condition=~Q(kind=ProductKind.SSL_CERTIFICATE)
                | (~Q(brand=EMPTY) & ~Q(level=EMPTY) & ~Q(domain_kind=EMPTY)),
            ),
            models.CheckConstraint(
                name="product_gateway_complete",
                condition=~Q(kind=ProductKind.HTTPS_GATEWAY) | Q(grcq_included__gt=0, term_months__gt=0),
            ),
            models.CheckConstraint(
                name="product_private_ca_complete",
                condition=~Q(kind__in=PRIVATE_CAS) | Q(certificates_included__gt=0, term_months__gt=0),
            ),
            models.CheckConstraint(name="product_years", condition=Q(years__gte=1, years__lte=3)),
        ]
        indexes = [models.Index(fields=["kind", "code"], name="product_by_kind")]

    def __str__(self) -> str:
        return self.code


class Price(models.Model):
    """What one piece costs from a moment on, tax included. Never changed: a later one supersedes it.

    Without an amount the product is not sold in that currency from then on.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(null=True)  # minor units
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "currency", "valid_from"], name="price_once"),
            models.CheckConstraint(
                name="price_amount", condition=Q(amount=None) | Q(amount__gt=0, amount__lte=MAX_AMOUNT)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.amount} {self.currency}"


class Voucher(models.Model):
    """Money that we gave to one account, to spend here until it expires; spent, it stays spent (D6)."""

    public_id = PublicIdField("vch")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="vouchers")
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    balance = models.BigIntegerField()  # what no order holds or spent
    kinds = models.JSONField(default=list, blank=True)  # product kinds; empty: every one
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="voucher_balance", condition=Q(balance__gte=0) & Q(balance__lte=F("amount"))
            ),
            models.CheckConstraint(name="voucher_amount", condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT)),
        ]
        indexes = [models.Index(fields=["account", "id"], name="voucher_by_account")]

    def __str__(self) -> str:
        return self.public_id


class VoucherUse(models.Model):
    """What one order took from a voucher: held until it is paid, given back only if it never was."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="uses")
    reference = models.CharField(max_length=40)  # the order's public id
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in UseState])
    at = models.DateTimeField()

    account_path = "voucher__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voucher", "reference"], name="voucher_use_once"),
            models.CheckConstraint(name="voucher_use_amount", condition=Q(amount__gt=0)),
        ]
        indexes = [models.Index(fields=["reference"], name="voucher_use_by_reference")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class Coupon(models.Model):
    """A code that takes a percentage or an amount off, for whoever knows it."""

    public_id = PublicIdField("cpn")
    code = models.CharField(max_length=40)
    percent = models.PositiveSmallIntegerField(null=True)
    amount = models.BigIntegerField(null=True)  # minor units of `currency`
    currency = models.CharField(max_length=3, blank=True, default=EMPTY)  # of amount and minimum
    minimum = models.BigIntegerField(default=0)  # of the order, after the promotion
    kinds = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    uses_allowed = models.PositiveIntegerField(null=True)  # in total
    uses_per_account = models.PositiveIntegerField(null=True)
    uses_taken = models.PositiveIntegerField(default=0)  # held or spent
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="coupon_code_unique"),
            models.CheckConstraint(
                name="coupon_percent_or_amount",
                # A CHECK that is NULL passes: say that the column is there.
                condition=Q(percent__isnull=False, percent__gte=1, percent__lte=100, amount=None)
                | (Q(percent=None, amount__isnull=False, amount__gt=0) & ~Q(currency=EMPTY)),
            ),
            models.CheckConstraint(
                name="coupon_minimum", condition=Q(minimum=0) | (Q(minimum__gt=0) & ~Q(currency=EMPTY))
            ),
            models.CheckConstraint(
                name="coupon_uses", condition=Q(uses_allowed=None) | Q(uses_taken__lte=F("uses_allowed"))
            ),
            models.CheckConstraint(name="coupon_window", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return self.code


class CouponUse(models.Model):
    """One order's use of a coupon; given back only if the order was never paid."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=40, unique=True)  # the order's public id
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in UseState])
    at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.CheckConstraint(name="coupon_use_amount", condition=Q(amount__gt=0))]
        indexes = [models.Index(fields=["coupon", "account"], name="coupon_use_by_account")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class Promotion(models.Model):
    """A promotional event: a percentage off inside its window, and refund terms of its own (R2, D16)."""

    public_id = PublicIdField("prm")
    name = models.CharField(max_length=200)
    percent = models.PositiveSmallIntegerField()
    kinds = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    refundable = models.BooleanField()
    refund_days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="promotion_percent", condition=Q(percent__gte=0, percent__lte=100)),
            models.CheckConstraint(name="promotion_days", condition=Q(refund_days__lte=366)),
            models.CheckConstraint(name="promotion_window", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return self.public_id
