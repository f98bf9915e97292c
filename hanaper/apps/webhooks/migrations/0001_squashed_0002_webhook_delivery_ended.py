import django.db.models.deletion
import hanaper.storage.ids
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("webhooks", "0001_initial"), ("webhooks", "0002_webhook_delivery_ended")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("events", "0001_squashed_0003_gateway_topic"),
        ("secrets", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Endpoint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="whe")),
                        ("url", models.CharField(max_length=2000)),
                        ("description", models.CharField(blank=True, default="", max_length=200)),
                        ("kinds", models.JSONField(default=list)),
                        ("old_secret_until", models.DateTimeField(null=True)),
                        ("enabled", models.BooleanField(default=True)),
                        (
                            "disabled_because",
                            models.CharField(
                                blank=True,
                                choices=[("owner", "owner"), ("failing", "failing"), ("gone", "gone")],
                                default="",
                                max_length=20,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("failing_since", models.DateTimeField(null=True)),
                        ("resting_until", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="webhooks",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "old_secret",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                        (
                            "secret",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "created_at", "id"], name="webhook_by_account")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("disabled_because", ""), ("enabled", True)),
                                    models.Q(
                                        ("enabled", False), models.Q(("disabled_because", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_disabled_because",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("removed_at", None), ("secret__isnull", False)),
                                    models.Q(
                                        ("enabled", False),
                                        ("old_secret", None),
                                        ("removed_at__isnull", False),
                                        ("secret", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_secret",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="whd")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("failed", "failed"),
                                    ("delivered", "delivered"),
                                    ("given_up", "given_up"),
                                ],
                                default="pending",
                                max_length=12,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("tried_at", models.DateTimeField(null=True)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        ("status", models.PositiveSmallIntegerField(null=True)),
                        ("answer", models.CharField(blank=True, default="", max_length=500)),
                        ("fault", models.CharField(blank=True, default="", max_length=300)),
                        (
                            "event",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="events.event",
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="webhooks.endpoint",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["endpoint", "id"], name="webhook_delivery_list"),
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at", "endpoint"],
                                name="webhook_delivery_open",
                            ),
                            models.Index(
                                condition=models.Q(("due_at__isnull", True)),
                                fields=["created_at"],
                                name="webhook_delivery_ended",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("endpoint", "event"), name="webhook_delivery_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("due_at__isnull", False), ("state__in", ("pending", "failed"))),
                                    models.Q(
                                        models.Q(("state__in", ("pending", "failed")), _negated=True),
                                        ("due_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="webhook_delivery_due",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
