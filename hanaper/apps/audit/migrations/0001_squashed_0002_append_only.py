import django.db.models.deletion
import hanaper.core.actor
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.append_only import AppendOnly
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("audit", "0001_initial"), ("audit", "0002_append_only")]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="AuditEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="aud")),
                        ("at", models.DateTimeField()),
                        ("system_at", models.DateTimeField()),
                        (
                            "actor_kind",
                            models.CharField(
                                choices=[
                                    ("customer", "customer"),
                                    ("operator", "operator"),
                                    ("system", "system"),
                                    ("provider", "provider"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("actor_name", models.CharField(max_length=300)),
                        ("access_key", models.CharField(max_length=40, null=True)),
                        ("address", models.CharField(max_length=64, null=True)),
                        ("request_id", models.CharField(max_length=64, null=True)),
                        ("action", models.CharField(max_length=64)),
                        ("target", models.CharField(max_length=128)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
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
                            "user",
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
                            models.Index(fields=["account", "id"], name="audit_by_account"),
                            models.Index(fields=["target", "id"], name="audit_by_target"),
                            models.Index(fields=["action", "id"], name="audit_by_action"),
                            models.Index(fields=["request_id"], name="audit_by_request"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditSeal",
                    fields=[
                        ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("hash", models.CharField(max_length=64)),
                        ("sealed_at", models.DateTimeField()),
                        (
                            "entry",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="seal",
                                to="audit.auditentry",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("position__gte", 1)), name="audit_seal_from_1"
                            )
                        ],
                    },
                ),
            ],
        ),
        AppendOnly("audit_auditentry"),
        AppendOnly("audit_auditseal"),
    ]
