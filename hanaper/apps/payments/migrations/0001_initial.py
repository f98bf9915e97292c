import django.db.models.deletion
import django.db.models.expressions
import hanaper.apps.payments.vocabulary
import hanaper.storage.ids
from django.db import migrations, models
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Payment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pay")),
                        ("currency", models.CharField(max_length=3)),
                        ("total", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.PaymentState["OPEN"],
                                        hanaper.apps.payments.vocabulary.PaymentState["OPEN"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PaymentState["PROCESSING"],
                                        hanaper.apps.payments.vocabulary.PaymentState["PROCESSING"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PaymentState["PAID"],
                                        hanaper.apps.payments.vocabulary.PaymentState["PAID"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PaymentState["CANCELLED"],
                                        hanaper.apps.payments.vocabulary.PaymentState["CANCELLED"],
                                    ),
                                ],
                                default=hanaper.apps.payments.vocabulary.PaymentState["OPEN"],
                                max_length=20,
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(null=True)),
                        ("problem", models.CharField(blank=True, default="", max_length=300)),
                        ("disputed", models.BooleanField(default=False)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("total__gte", 0)), name="payment_total"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("paid_at__isnull", False),
                                        ("state", hanaper.apps.payments.vocabulary.PaymentState["PAID"]),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state", hanaper.apps.payments.vocabulary.PaymentState["PAID"]),
                                            _negated=True,
                                        ),
                                        ("paid_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="payment_paid_at",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pap")),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "means",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.Means["VOUCHER"],
                                        hanaper.apps.payments.vocabulary.Means["VOUCHER"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.Means["COUPON"],
                                        hanaper.apps.payments.vocabulary.Means["COUPON"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.Means["BALANCE"],
                                        hanaper.apps.payments.vocabulary.Means["BALANCE"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.Means["CARD"],
                                        hanaper.apps.payments.vocabulary.Means["CARD"],
                                    ),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.PartState["PLANNED"],
                                        hanaper.apps.payments.vocabulary.PartState["PLANNED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PartState["HELD"],
                                        hanaper.apps.payments.vocabulary.PartState["HELD"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PartState["CHARGING"],
                                        hanaper.apps.payments.vocabulary.PartState["CHARGING"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PartState["CAPTURED"],
                                        hanaper.apps.payments.vocabulary.PartState["CAPTURED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.PartState["RELEASED"],
                                        hanaper.apps.payments.vocabulary.PartState["RELEASED"],
                                    ),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("amount", models.BigIntegerField()),
                        ("captured", models.BigIntegerField(default=0)),
                        ("reserved", models.BigIntegerField(default=0)),
                        ("refunded", models.BigIntegerField(default=0)),
                        ("reference", models.CharField(blank=True, default="", max_length=80)),
                        ("provider", models.CharField(blank=True, default="", max_length=40)),
                        ("provider_charge", models.CharField(blank=True, default="", max_length=80)),
                        ("last_four", models.CharField(blank=True, default="", max_length=4)),
                        (
                            "hold",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.transfer",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="payments.payment",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("payment", "position"), name="payment_part_position"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount__gt", 0),
                                    ("captured__gte", 0),
                                    ("refunded__gte", 0),
                                    ("reserved__gte", 0),
                                    ("captured__lte", models.F("amount")),
                                    (
                                        "captured__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("reserved"), "+", models.F("refunded")
                                        ),
                                    ),
                                ),
                                name="payment_part_never_over",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "means__in",
                                        [
                                            hanaper.apps.payments.vocabulary.Means["BALANCE"],
                                            hanaper.apps.payments.vocabulary.Means["CARD"],
                                        ],
                                    ),
                                    models.Q(("refunded", 0), ("reserved", 0)),
                                    _connector="OR",
                                ),
                                name="payment_part_r3",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("provider_charge", ""), _negated=True),
                                fields=("provider", "provider_charge"),
                                name="payment_part_one_charge",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExternalRefund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("provider_refund", models.CharField(max_length=80, unique=True)),
                        ("amount", models.BigIntegerField()),
                        ("found_at", models.DateTimeField()),
                        (
                            "transfer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.transfer",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="external_refunds",
                                to="payments.paymentpart",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ChargeAttempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", hanaper.storage.ids.PublicIdField(max_length=40, prefix="key")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                        hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                        hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["SUCCEEDED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["SUCCEEDED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["FAILED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["FAILED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["CANCELLED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["CANCELLED"],
                                    ),
                                ],
                                default=hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                max_length=20,
                            ),
                        ),
                        ("problem", models.CharField(blank=True, default="", max_length=300)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("next_try_at", models.DateTimeField()),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("fence", models.PositiveIntegerField(default=0)),
                        ("token", models.CharField(max_length=80)),
                        ("provider_charge", models.CharField(blank=True, default="", max_length=80)),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="charges",
                                to="payments.paymentpart",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                            hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                            hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        ),
                                    )
                                ),
                                fields=["next_try_at"],
                                name="charge_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                            hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                            hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        ),
                                    )
                                ),
                                fields=("part",),
                                name="charge_one_unfinished",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProviderEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("provider", models.CharField(max_length=40)),
                        ("event", models.CharField(max_length=80)),
                        ("kind", models.CharField(max_length=80)),
                        ("body", models.JSONField()),
                        ("received_at", models.DateTimeField()),
                        ("handled_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("handled_at", None)),
                                fields=["id"],
                                name="provider_event_unhandled",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("provider", "event"), name="provider_event_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Return",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ret")),
                        ("reference", models.CharField(max_length=40)),
                        ("amount", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.ReturnState["RESERVED"],
                                        hanaper.apps.payments.vocabulary.ReturnState["RESERVED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.ReturnState["RETURNING"],
                                        hanaper.apps.payments.vocabulary.ReturnState["RETURNING"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.ReturnState["RETURNED"],
                                        hanaper.apps.payments.vocabulary.ReturnState["RETURNED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.ReturnState["VOIDED"],
                                        hanaper.apps.payments.vocabulary.ReturnState["VOIDED"],
                                    ),
                                ],
                                default=hanaper.apps.payments.vocabulary.ReturnState["RESERVED"],
                                max_length=20,
                            ),
                        ),
                        (
                            "destination",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.Destination["ORIGINAL"],
                                        hanaper.apps.payments.vocabulary.Destination["ORIGINAL"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.Destination["BALANCE"],
                                        hanaper.apps.payments.vocabulary.Destination["BALANCE"],
                                    ),
                                ],
                                default="",
                                max_length=20,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        (
                            "bounce",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.transfer",
                            ),
                        ),
                        (
                            "part",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="returns",
                                to="payments.paymentpart",
                            ),
                        ),
                        (
                            "reservation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.transfer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["reference"], name="return_by_reference")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("part", "reference"), name="return_once_a_refund"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="return_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", hanaper.apps.payments.vocabulary.ReturnState["RETURNED"]),
                                        models.Q(("destination", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(
                                            (
                                                "state",
                                                hanaper.apps.payments.vocabulary.ReturnState["RETURNED"],
                                            ),
                                            _negated=True,
                                        ),
                                        ("destination", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="return_has_one_destination",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RefundAttempt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", hanaper.storage.ids.PublicIdField(max_length=40, prefix="key")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                        hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                        hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["SUCCEEDED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["SUCCEEDED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["FAILED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["FAILED"],
                                    ),
                                    (
                                        hanaper.apps.payments.vocabulary.AttemptState["CANCELLED"],
                                        hanaper.apps.payments.vocabulary.AttemptState["CANCELLED"],
                                    ),
                                ],
                                default=hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                max_length=20,
                            ),
                        ),
                        ("problem", models.CharField(blank=True, default="", max_length=300)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("next_try_at", models.DateTimeField()),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("fence", models.PositiveIntegerField(default=0)),
                        ("provider_refund", models.CharField(blank=True, default="", max_length=80)),
                        ("first_sent_at", models.DateTimeField(null=True)),
                        (
                            "of",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attempts",
                                to="payments.return",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                            hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                            hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        ),
                                    )
                                ),
                                fields=["next_try_at"],
                                name="refund_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            hanaper.apps.payments.vocabulary.AttemptState["PREPARED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["SUBMITTED"],
                                            hanaper.apps.payments.vocabulary.AttemptState["PENDING"],
                                            hanaper.apps.payments.vocabulary.AttemptState["REQUIRES_ACTION"],
                                            hanaper.apps.payments.vocabulary.AttemptState["UNKNOWN"],
                                        ),
                                    )
                                ),
                                fields=("of",),
                                name="refund_one_unfinished",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("provider_refund", ""), _negated=True),
                                fields=("provider_refund",),
                                name="refund_one_each",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
