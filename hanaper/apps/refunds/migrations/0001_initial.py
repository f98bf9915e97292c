import django.db.models.deletion
import hanaper.apps.refunds.vocabulary
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("orders", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Refund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="rfd")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundState["PROPOSED"],
                                        hanaper.apps.refunds.vocabulary.RefundState["PROPOSED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundState["PAYING"],
                                        hanaper.apps.refunds.vocabulary.RefundState["PAYING"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundState["SUCCEEDED"],
                                        hanaper.apps.refunds.vocabulary.RefundState["SUCCEEDED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundState["GIVEN_UP"],
                                        hanaper.apps.refunds.vocabulary.RefundState["GIVEN_UP"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundState["DECLINED"],
                                        hanaper.apps.refunds.vocabulary.RefundState["DECLINED"],
                                    ),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "origin",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["SELF_SERVICE"],
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["SELF_SERVICE"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["PLAN"],
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["PLAN"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["OPERATOR"],
                                        hanaper.apps.refunds.vocabulary.RefundOrigin["OPERATOR"],
                                    ),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("requested_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("policy", models.CharField(max_length=40)),
                        ("facts", models.JSONField()),
                        ("decision", models.TextField()),
                        ("currency", models.CharField(max_length=3)),
                        ("amount", models.BigIntegerField()),
                        ("reason", models.CharField(blank=True, default="", max_length=500)),
                        ("approved_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="orders.order",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "requested_at", "id"], name="refund_by_account"),
                            models.Index(fields=["requested_at", "id"], name="refund_by_requested_at"),
                            models.Index(fields=["state", "requested_at", "id"], name="refund_by_state"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            hanaper.apps.refunds.vocabulary.RefundState["PAYING"],
                                            hanaper.apps.refunds.vocabulary.RefundState["SUCCEEDED"],
                                        ],
                                    )
                                ),
                                fields=("order",),
                                name="refund_one_each_order",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", hanaper.apps.refunds.vocabulary.RefundState["PROPOSED"])
                                ),
                                fields=("order",),
                                name="refund_one_proposal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="refund_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("origin", hanaper.apps.refunds.vocabulary.RefundOrigin["OPERATOR"]),
                                        _negated=True,
                                    ),
                                    (
                                        "state__in",
                                        [
                                            hanaper.apps.refunds.vocabulary.RefundState["PROPOSED"],
                                            hanaper.apps.refunds.vocabulary.RefundState["DECLINED"],
                                        ],
                                    ),
                                    models.Q(
                                        ("approved_by__isnull", False),
                                        ("proposed_by__isnull", False),
                                        models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="refund_second_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RefundPlan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pln")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["PREPARED"],
                                        hanaper.apps.refunds.vocabulary.PlanState["PREPARED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["RUNNING"],
                                        hanaper.apps.refunds.vocabulary.PlanState["RUNNING"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["WAITING"],
                                        hanaper.apps.refunds.vocabulary.PlanState["WAITING"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["NEEDS_CONFIRMATION"],
                                        hanaper.apps.refunds.vocabulary.PlanState["NEEDS_CONFIRMATION"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["STOPPED"],
                                        hanaper.apps.refunds.vocabulary.PlanState["STOPPED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["DONE"],
                                        hanaper.apps.refunds.vocabulary.PlanState["DONE"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["REFUSED"],
                                        hanaper.apps.refunds.vocabulary.PlanState["REFUSED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.PlanState["CANCELLED"],
                                        hanaper.apps.refunds.vocabulary.PlanState["CANCELLED"],
                                    ),
                                ],
                                default=hanaper.apps.refunds.vocabulary.PlanState["PREPARED"],
                                max_length=20,
                            ),
                        ),
                        ("token", models.CharField(max_length=64)),
                        ("decision", models.JSONField()),
                        ("confirmed", models.JSONField(default=list)),
                        ("outline", models.JSONField(default=list)),
                        ("tried", models.JSONField(default=list)),
                        ("problem", models.JSONField(null=True)),
                        ("actor", models.JSONField(null=True)),
                        ("prepared_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("next_look_at", models.DateTimeField()),
                        ("looks", models.PositiveIntegerField(default=0)),
                        ("leased_until", models.DateTimeField(null=True)),
                        ("fence", models.PositiveIntegerField(default=0)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refund_plans",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refund_plans",
                                to="orders.order",
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plan",
                                to="refunds.refund",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "prepared_at", "id"], name="plan_by_account"),
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            hanaper.apps.refunds.vocabulary.PlanState["RUNNING"],
                                            hanaper.apps.refunds.vocabulary.PlanState["WAITING"],
                                        ],
                                    )
                                ),
                                fields=["next_look_at"],
                                name="plan_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        (
                                            hanaper.apps.refunds.vocabulary.PlanState["RUNNING"],
                                            hanaper.apps.refunds.vocabulary.PlanState["WAITING"],
                                            hanaper.apps.refunds.vocabulary.PlanState["NEEDS_CONFIRMATION"],
                                            hanaper.apps.refunds.vocabulary.PlanState["STOPPED"],
                                        ),
                                    )
                                ),
                                fields=("order",),
                                name="plan_one_active",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("action", models.CharField(max_length=30)),
                        ("target", models.CharField(max_length=40)),
                        ("by", models.CharField(max_length=20)),
                        ("irreversible", models.BooleanField()),
                        ("due", models.DateTimeField(null=True)),
                        (
                            "progress",
                            models.CharField(
                                choices=[
                                    (
                                        hanaper.apps.refunds.vocabulary.StepProgress["PLANNED"],
                                        hanaper.apps.refunds.vocabulary.StepProgress["PLANNED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.StepProgress["DONE"],
                                        hanaper.apps.refunds.vocabulary.StepProgress["DONE"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.StepProgress["WAITING"],
                                        hanaper.apps.refunds.vocabulary.StepProgress["WAITING"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.StepProgress["REFUSED"],
                                        hanaper.apps.refunds.vocabulary.StepProgress["REFUSED"],
                                    ),
                                    (
                                        hanaper.apps.refunds.vocabulary.StepProgress["DROPPED"],
                                        hanaper.apps.refunds.vocabulary.StepProgress["DROPPED"],
                                    ),
                                ],
                                default=hanaper.apps.refunds.vocabulary.StepProgress["PLANNED"],
                                max_length=20,
                            ),
                        ),
                        ("note", models.CharField(blank=True, default="", max_length=500)),
                        ("changed_at", models.DateTimeField()),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="refunds.refundplan",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("plan", "position"), name="plan_step_position")
                        ],
                    },
                ),
            ]
        ),
    ]
