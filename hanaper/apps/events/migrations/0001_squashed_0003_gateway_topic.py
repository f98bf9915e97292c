import django.db.models.deletion
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("events", "0001_initial"), ("events", "0002_preferences"), ("events", "0003_gateway_topic")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="evt")),
                        ("kind", models.CharField(max_length=64)),
                        ("subject", models.CharField(max_length=128)),
                        ("at", models.DateTimeField()),
                        ("dedupe", models.CharField(max_length=200, unique=True)),
                        ("data", models.JSONField(default=dict)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("delivered_at", None)),
                                fields=["id"],
                                name="event_undelivered",
                            ),
                            models.Index(fields=["account", "id"], name="event_by_account"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ntc")),
                        ("kind", models.CharField(max_length=64)),
                        ("subject", models.CharField(max_length=128)),
                        ("title", models.CharField(max_length=300)),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("read_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notice",
                                to="events.event",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "at", "id"], name="notice_by_account"),
                            models.Index(
                                condition=models.Q(("read_at", None)),
                                fields=["account", "id"],
                                name="notice_unread",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Letter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("address", models.EmailField(max_length=254)),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("due_at", models.DateTimeField(null=True)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("fault", models.CharField(blank=True, default="", max_length=300)),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="letters",
                                to="events.notice",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("due_at"),
                                condition=models.Q(("due_at__isnull", False)),
                                name="letter_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("notice", "address"), name="letter_once"),
                            models.CheckConstraint(
                                condition=models.Q(("sent_at", None), ("due_at", None), _connector="OR"),
                                name="letter_sent_or_due",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoticePreference",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    ("validation", "validation"),
                                    ("issued", "issued"),
                                    ("failed", "failed"),
                                    ("expiring", "expiring"),
                                    ("revocation", "revocation"),
                                    ("refund_window", "refund_window"),
                                    ("refunds", "refunds"),
                                    ("money", "money"),
                                    ("members", "members"),
                                    ("gateway", "gateway"),
                                    ("webhooks", "webhooks"),
                                    ("operators", "operators"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("email", models.BooleanField()),
                        (
                            "account",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notice_preferences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "topic"], name="notice_preference_topic")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "account", "topic"), name="notice_preference_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("account", None)),
                                fields=("user", "topic"),
                                name="notice_preference_of_operator",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
