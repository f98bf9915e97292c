import django.db.models.deletion
import django.db.models.functions.text
import hanaper.storage.ids
from django.db import migrations, models

from hanaper.storage.append_only import AppendOnly
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_append_only"),
        ("catalog", "0003_private_cas"),
        ("catalog", "0004_fill"),
        ("catalog", "0005_complete"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Coupon",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="cpn")),
                        ("code", models.CharField(max_length=40)),
                        ("percent", models.PositiveSmallIntegerField(null=True)),
                        ("amount", models.BigIntegerField(null=True)),
                        ("currency", models.CharField(blank=True, default="", max_length=3)),
                        ("minimum", models.BigIntegerField(default=0)),
                        ("kinds", models.JSONField(blank=True, default=list)),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("uses_allowed", models.PositiveIntegerField(null=True)),
                        ("uses_per_account", models.PositiveIntegerField(null=True)),
                        ("uses_taken", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Upper("code"), name="coupon_code_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount", None),
                                        ("percent__gte", 1),
                                        ("percent__isnull", False),
                                        ("percent__lte", 100),
                                    ),
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("amount__isnull", False),
                                        ("percent", None),
                                        models.Q(("currency", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="coupon_percent_or_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("minimum", 0),
                                    models.Q(("minimum__gt", 0), models.Q(("currency", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="coupon_minimum",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("uses_allowed", None),
                                    ("uses_taken__lte", models.F("uses_allowed")),
                                    _connector="OR",
                                ),
                                name="coupon_uses",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="coupon_window",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Product",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=64, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("kind", models.CharField(max_length=40)),
                        ("brand", models.CharField(blank=True, default="", max_length=60)),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[("dv", "dv"), ("ov", "ov"), ("ev", "ev")],
                                default="",
                                max_length=2,
                            ),
                        ),
                        (
                            "domain_kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("single", "single"),
                                    ("multi_domain", "multi_domain"),
                                    ("wildcard", "wildcard"),
                                    ("multi_wildcard", "multi_wildcard"),
                                    ("hybrid", "hybrid"),
                                ],
                                default="",
                                max_length=20,
                            ),
                        ),
                        ("years", models.PositiveSmallIntegerField(default=1)),
                        ("term_months", models.PositiveSmallIntegerField(default=0)),
                        ("publicly_trusted", models.BooleanField(default=False)),
                        ("needs_id_number", models.BooleanField(default=False)),
                        ("grcq_included", models.PositiveIntegerField(default=0)),
                        ("certificates_included", models.PositiveIntegerField(default=0)),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["kind", "code"], name="product_by_kind")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "ssl_certificate"), _negated=True),
                                    models.Q(
                                        models.Q(("brand", ""), _negated=True),
                                        models.Q(("level", ""), _negated=True),
                                        models.Q(("domain_kind", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="product_certificate_complete",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "https_gateway"), _negated=True),
                                    models.Q(("grcq_included__gt", 0), ("term_months__gt", 0)),
                                    _connector="OR",
                                ),
                                name="product_gateway_complete",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("private_root_ca", "private_intermediate_ca")),
                                        _negated=True,
                                    ),
                                    models.Q(("certificates_included__gt", 0), ("term_months__gt", 0)),
                                    _connector="OR",
                                ),
                                name="product_private_ca_complete",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("years__gte", 1), ("years__lte", 3)), name="product_years"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Promotion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="prm")),
                        ("name", models.CharField(max_length=200)),
                        ("percent", models.PositiveSmallIntegerField()),
                        ("kinds", models.JSONField(blank=True, default=list)),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("refundable", models.BooleanField()),
                        ("refund_days", models.PositiveSmallIntegerField()),
                        ("created_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("percent__gte", 0), ("percent__lte", 100)),
                                name="promotion_percent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("refund_days__lte", 366)), name="promotion_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="promotion_window",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Voucher",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="vch")),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.BigIntegerField()),
                        ("balance", models.BigIntegerField()),
                        ("kinds", models.JSONField(blank=True, default=list)),
                        ("reason", models.CharField(max_length=300)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="vouchers",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["account", "id"], name="voucher_by_account")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("balance__gte", 0), ("balance__lte", models.F("amount"))),
                                name="voucher_balance",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("amount__lte", 9007199254740991)),
                                name="voucher_amount",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VoucherUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=40)),
                        ("amount", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("held", "held"), ("spent", "spent"), ("released", "released")],
                                max_length=10,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "voucher",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uses",
                                to="catalog.voucher",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["reference"], name="voucher_use_by_reference")],
                        "constraints": [
                            models.UniqueConstraint(fields=("voucher", "reference"), name="voucher_use_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="voucher_use_amount"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CouponUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reference", models.CharField(max_length=40, unique=True)),
                        ("amount", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("held", "held"), ("spent", "spent"), ("released", "released")],
                                max_length=10,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "coupon",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uses",
                                to="catalog.coupon",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["coupon", "account"], name="coupon_use_by_account")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="coupon_use_amount"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Price",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.BigIntegerField(null=True)),
                        ("valid_from", models.DateTimeField()),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prices",
                                to="catalog.product",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("product", "currency", "valid_from"), name="price_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount", None),
                                    models.Q(("amount__gt", 0), ("amount__lte", 9007199254740991)),
                                    _connector="OR",
                                ),
                                name="price_amount",
                            ),
                        ],
                    },
                ),
            ],
        ),
        AppendOnly("catalog_price"),
    ]
