import django.db.models.deletion
import django.db.models.expressions
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.append_only import AppendOnly
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_append_only"),
        ("orders", "0003_refund_look_at"),
        ("orders", "0004_by_state"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("catalog", "0001_squashed_0005_complete"),
        ("payments", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="PublishedPolicy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40)),
                        ("holds_from", models.DateTimeField()),
                        ("published_at", models.DateTimeField()),
                        (
                            "published_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("holds_from",), name="published_policy_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Order",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ord")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("unpaid", "unpaid"),
                                    ("paid", "paid"),
                                    ("cancelled", "cancelled"),
                                    ("refund_in_progress", "refund_in_progress"),
                                    ("refunded", "refunded"),
                                ],
                                default="unpaid",
                                max_length=20,
                            ),
                        ),
                        ("product_kind", models.CharField(max_length=40)),
                        ("years", models.PositiveSmallIntegerField(default=1)),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    ("purchase", "purchase"),
                                    ("renewal", "renewal"),
                                    ("early_renewal", "early_renewal"),
                                ],
                                default="purchase",
                                max_length=20,
                            ),
                        ),
                        ("renews", models.CharField(blank=True, default="", max_length=40)),
                        ("combined", models.BooleanField(default=False)),
                        ("currency", models.CharField(max_length=3)),
                        ("subtotal", models.BigIntegerField()),
                        ("discount", models.BigIntegerField(default=0)),
                        ("total", models.BigIntegerField()),
                        ("coupon_share", models.BigIntegerField(default=0)),
                        ("voucher_share", models.BigIntegerField(default=0)),
                        ("money", models.BigIntegerField()),
                        ("tax_amount", models.BigIntegerField(default=0)),
                        ("placed_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(null=True)),
                        ("cancelled_at", models.DateTimeField(null=True)),
                        (
                            "cancelled_because",
                            models.CharField(
                                blank=True,
                                choices=[("customer", "customer"), ("expired", "expired")],
                                default="",
                                max_length=20,
                            ),
                        ),
                        ("refunded_at", models.DateTimeField(null=True)),
                        ("refund_look_at", models.DateTimeField(null=True)),
                        ("policy", models.CharField(max_length=40)),
                        ("zone", models.CharField(max_length=64)),
                        ("calendar", models.JSONField()),
                        ("promotion", models.JSONField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "payment",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order",
                                to="payments.payment",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "placed_at", "id"], name="order_by_account"),
                            models.Index(
                                fields=["account", "state", "placed_at", "id"], name="order_by_state"
                            ),
                            models.Index(fields=["placed_at", "id"], name="order_by_placed_at"),
                            models.Index(
                                condition=models.Q(("refund_look_at__isnull", False)),
                                fields=["refund_look_at", "id"],
                                name="order_to_remind",
                            ),
                            models.Index(
                                condition=models.Q(("state", "unpaid")),
                                fields=["expires_at"],
                                name="order_to_expire",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("subtotal"), "-", models.F("discount")
                                        ),
                                    ),
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("coupon_share"), "+", models.F("voucher_share")
                                            ),
                                            "+",
                                            models.F("money"),
                                        ),
                                    ),
                                    ("coupon_share__gte", 0),
                                    ("discount__gte", 0),
                                    ("subtotal__lte", 9007199254740991),
                                    ("money__gte", 0),
                                    ("tax_amount__gte", 0),
                                    ("voucher_share__gte", 0),
                                    ("tax_amount__lte", models.F("total")),
                                ),
                                name="order_sums",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("paid_at__gte", models.F("placed_at")),
                                        ("paid_at__isnull", False),
                                        ("state__in", ("paid", "refund_in_progress", "refunded")),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state__in", ("paid", "refund_in_progress", "refunded")),
                                            _negated=True,
                                        ),
                                        ("paid_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="order_paid_at",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("cancelled_at__isnull", False),
                                        ("state", "cancelled"),
                                        models.Q(("cancelled_because", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "cancelled"), _negated=True),
                                        ("cancelled_at", None),
                                        ("cancelled_because", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="order_cancelled_at",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("refunded_at__isnull", False), ("state", "refunded")),
                                    models.Q(
                                        models.Q(("state", "refunded"), _negated=True), ("refunded_at", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="order_refunded_at",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("years__gte", 1), ("years__lte", 3)), name="order_years"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="oln")),
                        ("position", models.PositiveSmallIntegerField()),
                        ("quantity", models.PositiveIntegerField()),
                        ("unit_price", models.BigIntegerField()),
                        ("subtotal", models.BigIntegerField()),
                        ("discount_share", models.BigIntegerField(default=0)),
                        ("coupon_share", models.BigIntegerField(default=0)),
                        ("voucher_share", models.BigIntegerField(default=0)),
                        ("paid_share", models.BigIntegerField()),
                        ("tax_rate_basis_points", models.PositiveIntegerField(default=0)),
                        ("tax_amount", models.BigIntegerField(default=0)),
                        ("quota_available", models.IntegerField(default=0)),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="orders.order",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.product",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("order", "position"), name="order_line_position"),
                            models.CheckConstraint(
                                condition=models.Q(("quota_available__gte", 0)), name="order_line_quota"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "subtotal",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("unit_price"), "*", models.F("quantity")
                                        ),
                                    ),
                                    (
                                        "subtotal",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("discount_share"), "+", models.F("coupon_share")
                                                ),
                                                "+",
                                                models.F("voucher_share"),
                                            ),
                                            "+",
                                            models.F("paid_share"),
                                        ),
                                    ),
                                    ("coupon_share__gte", 0),
                                    ("discount_share__gte", 0),
                                    ("quantity__gte", 1),
                                    ("paid_share__gte", 0),
                                    ("tax_amount__gte", 0),
                                    ("voucher_share__gte", 0),
                                ),
                                name="order_line_sums",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaMovement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("grant", "grant"),
                                    ("take", "take"),
                                    ("restore", "restore"),
                                    ("forfeit", "forfeit"),
                                    ("combine", "combine"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("amount", models.PositiveIntegerField()),
                        ("reference", models.CharField(max_length=40)),
                        ("at", models.DateTimeField()),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="movements",
                                to="orders.orderline",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["reference"], name="quota_movement_by_reference")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("line", "kind", "reference"), name="quota_movement_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 1)), name="quota_movement_amount"
                            ),
                        ],
                    },
                ),
            ],
        ),
        AppendOnly("orders_quotamovement"),
        AppendOnly("orders_publishedpolicy"),
    ]
