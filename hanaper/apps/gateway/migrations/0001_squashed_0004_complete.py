import django.db.models.deletion
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("gateway", "0001_initial"),
        ("gateway", "0002_sites"),
        ("gateway", "0003_fill"),
        ("gateway", "0004_complete"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("orders", "0005_policies_have_their_own_area"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Fleet",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("version", models.BigIntegerField(default=1)),
                    ],
                ),
                migrations.CreateModel(
                    name="GatewayInstance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="gwi")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("no_domain", "no_domain"),
                                    ("domain_added", "domain_added"),
                                    ("active", "active"),
                                    ("quota_exhausted", "quota_exhausted"),
                                    ("expired", "expired"),
                                    ("refunded", "refunded"),
                                ],
                                default="no_domain",
                                max_length=16,
                            ),
                        ),
                        ("term_months", models.PositiveSmallIntegerField()),
                        ("term_ends_at", models.DateTimeField()),
                        ("grcq_included", models.PositiveIntegerField()),
                        ("grcq_used", models.PositiveIntegerField(default=0)),
                        ("visits", models.PositiveBigIntegerField(default=0)),
                        ("bytes_out", models.PositiveBigIntegerField(default=0)),
                        ("told", models.PositiveSmallIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("reset_at", models.DateTimeField(null=True)),
                        ("domain", models.CharField(blank=True, default="", max_length=253)),
                        ("cname", models.CharField(blank=True, default="", max_length=253)),
                        ("behaviour", models.JSONField(null=True)),
                        ("certificate", models.CharField(blank=True, default="", max_length=40)),
                        ("served", models.CharField(blank=True, default="", max_length=80)),
                        ("servers", models.JSONField(default=list)),
                        ("epoch", models.PositiveIntegerField(default=0)),
                        ("look", models.JSONField(default=dict)),
                        ("looked_at", models.DateTimeField(null=True)),
                        ("look_due_at", models.DateTimeField(null=True)),
                        ("resetting_since", models.DateTimeField(null=True)),
                        ("reset_version", models.BigIntegerField(default=0)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gateways",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="gateway",
                                to="orders.order",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "created_at", "id"], name="gateway_by_account"),
                            models.Index(fields=["look_due_at"], name="gateway_look_due"),
                            models.Index(
                                condition=models.Q(("resetting_since__isnull", False)),
                                fields=["id"],
                                name="gateway_resetting",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["expired", "refunded"]), _negated=True),
                                fields=["term_ends_at"],
                                name="gateway_running",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("grcq_included__gt", 0)), name="gateway_grcq_included"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("domain", ""), ("reset_at", None), _connector="OR"),
                                name="gateway_reset_or_domain",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "no_domain"), _negated=True),
                                    ("domain", ""),
                                    _connector="OR",
                                ),
                                name="gateway_no_domain",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("active", "quota_exhausted"))),
                                fields=("domain",),
                                name="gateway_domain_served_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GatewayNode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="gwn")),
                        ("name", models.CharField(max_length=80)),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("joined_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(null=True)),
                        ("applied", models.BigIntegerField(default=0)),
                        ("settled", models.BigIntegerField(default=0)),
                        ("engine", models.CharField(blank=True, default="", max_length=80)),
                        ("http3", models.BooleanField(default=False)),
                        ("error", models.CharField(blank=True, default="", max_length=500)),
                        ("retired_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("retired_at__isnull", True)),
                                fields=["id"],
                                name="gateway_node_serving",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JoinToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="gwj")),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="NodeLog",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("log", models.CharField(max_length=40)),
                        ("taken", models.BigIntegerField(default=0)),
                        (
                            "node",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="logs",
                                to="gateway.gatewaynode",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("node", "log"), name="node_log_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UsageHour",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("hour", models.PositiveIntegerField()),
                        ("visits", models.PositiveBigIntegerField(default=0)),
                        ("bytes_out", models.PositiveBigIntegerField(default=0)),
                        ("grcq", models.PositiveIntegerField(default=0)),
                        ("requests", models.PositiveBigIntegerField(default=0)),
                        ("cache_hits", models.PositiveBigIntegerField(default=0)),
                        ("milliseconds", models.PositiveBigIntegerField(default=0)),
                        ("statuses", models.JSONField(default=dict)),
                        (
                            "instance",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="usage",
                                to="gateway.gatewayinstance",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("instance", "hour"), name="usage_hour_once")
                        ],
                    },
                ),
            ],
        ),
    ]
