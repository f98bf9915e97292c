import django.db.models.deletion
import hanaper.core.refund.trial
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("orders", "0005_policies_have_their_own_area"),
        ("refunds", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="PolicyTrial",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="trl")),
                        ("policy", models.CharField(max_length=40)),
                        ("title", models.CharField(max_length=200)),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("days", models.PositiveSmallIntegerField(null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "running"),
                                    ("done", "done"),
                                    ("cancelled", "cancelled"),
                                    ("removed", "removed"),
                                ],
                                default="running",
                                max_length=20,
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("last_order", models.BigIntegerField()),
                        ("last_refund", models.BigIntegerField()),
                        ("order_cursor", models.BigIntegerField(default=0)),
                        ("refund_cursor", models.BigIntegerField(default=0)),
                        ("total", models.PositiveIntegerField()),
                        ("looked_at", models.PositiveIntegerField(default=0)),
                        ("unreadable", models.PositiveIntegerField(default=0)),
                        ("tally", models.JSONField(default=list)),
                        ("reviews", models.JSONField(default=dict)),
                        ("accounts", models.JSONField(default=list)),
                        ("moved_at", models.DateTimeField()),
                        ("version", models.PositiveIntegerField(default=0)),
                        (
                            "started_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["started_at", "id"], name="trial_by_start")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("state",),
                                name="trial_one_running",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrialFinding",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                choices=[("order", "order"), ("refund", "refund")], max_length=10
                            ),
                        ),
                        ("product", models.CharField(max_length=40)),
                        ("currency", models.CharField(max_length=3)),
                        (
                            "change",
                            models.CharField(
                                choices=[
                                    ("gains", "gains"),
                                    ("loses", "loses"),
                                    ("more", "more"),
                                    ("less", "less"),
                                    ("fewer_steps", "fewer_steps"),
                                    ("more_steps", "more_steps"),
                                    ("later", "later"),
                                    ("earlier", "earlier"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("before", models.BigIntegerField()),
                        ("after", models.BigIntegerField()),
                        ("because_before", models.CharField(max_length=100)),
                        ("because_after", models.CharField(max_length=100)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="orders.order",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="refunds.refund",
                            ),
                        ),
                        (
                            "trial",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="trials.policytrial",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["trial", "id"], name="trial_finding_by_id"),
                            models.Index(fields=["trial", "change", "id"], name="trial_finding_by_change"),
                        ],
                    },
                ),
            ],
        ),
    ]
