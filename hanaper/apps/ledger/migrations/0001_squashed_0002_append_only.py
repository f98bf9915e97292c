import django.db.models.deletion
import hanaper.storage.ids
from django.db import migrations, models

from hanaper.storage.append_only import AppendOnly
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("ledger", "0001_initial"), ("ledger", "0002_append_only")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="CustomerBalance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.BigIntegerField(default=0)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="balances",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("account", "currency"), name="balance_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="balance_never_below_zero"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Transfer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="trf")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("balance.credit", "balance.credit"),
                                    ("balance.late_payment", "balance.late_payment"),
                                    ("payment.hold", "payment.hold"),
                                    ("payment.hold_posted", "payment.hold_posted"),
                                    ("payment.hold_released", "payment.hold_released"),
                                    ("payment.card_captured", "payment.card_captured"),
                                    ("payment.voucher_spent", "payment.voucher_spent"),
                                    ("payment.coupon_used", "payment.coupon_used"),
                                    ("refund.reserved", "refund.reserved"),
                                    ("refund.voided", "refund.voided"),
                                    ("refund.to_card", "refund.to_card"),
                                    ("refund.to_balance", "refund.to_balance"),
                                    ("refund.bounced", "refund.bounced"),
                                    ("refund.bounce_undone", "refund.bounce_undone"),
                                    ("refund.external", "refund.external"),
                                ],
                                max_length=40,
                            ),
                        ),
                        ("debit", models.CharField(max_length=80)),
                        ("credit", models.CharField(max_length=80)),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        ("system_at", models.DateTimeField()),
                        ("reference", models.CharField(max_length=80)),
                        ("memo", models.CharField(blank=True, default="", max_length=300)),
                        (
                            "account",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transfers",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "resolves",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolved_by",
                                to="ledger.transfer",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "currency", "id"], name="transfer_by_account"),
                            models.Index(fields=["reference", "id"], name="transfer_by_reference"),
                            models.Index(fields=["debit", "currency", "id"], name="transfer_by_debit"),
                            models.Index(fields=["credit", "currency", "id"], name="transfer_by_credit"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="transfer_moves_something"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("debit", models.F("credit")), _negated=True),
                                name="transfer_two_accounts",
                            ),
                        ],
                    },
                ),
            ],
        ),
        AppendOnly("ledger_transfer"),
    ]
