import django.db.models.deletion
import hanaper.core.acme.challenges
import hanaper.core.acme.states
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("private_ca", "0001_squashed_0012_prolongations"),
        ("secrets", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="AcmeAccount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="aca")),
                        ("template", models.CharField(max_length=40)),
                        ("binding", models.JSONField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("valid", "valid"),
                                    ("deactivated", "deactivated"),
                                    ("revoked", "revoked"),
                                ],
                                default="valid",
                                max_length=12,
                            ),
                        ),
                        ("jwk", models.JSONField()),
                        ("thumbprint", models.CharField(max_length=43)),
                        ("contact", models.JSONField(default=list)),
                        ("terms_agreed", models.BooleanField(default=False)),
                        ("address", models.CharField(max_length=64, null=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="acme_accounts",
                                to="private_ca.privateca",
                            ),
                        ),
                        (
                            "key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accounts",
                                to="acme.externalkey",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["ca", "created_at", "id"], name="acme_account_by_ca")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("ca", "template", "thumbprint"), name="acme_account_key_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Authorization",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="acz")),
                        ("kind", models.CharField(max_length=3)),
                        ("value", models.CharField(max_length=253)),
                        ("wildcard", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("valid", "valid"),
                                    ("invalid", "invalid"),
                                    ("deactivated", "deactivated"),
                                    ("expired", "expired"),
                                    ("revoked", "revoked"),
                                ],
                                default="pending",
                                max_length=12,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("failed_at", models.DateTimeField(null=True)),
                        (
                            "acme_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="authorizations",
                                to="acme.acmeaccount",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["acme_account", "kind", "value", "wildcard"],
                                name="acme_authorization_of",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["pending", "valid"])),
                                fields=["expires_at"],
                                name="acme_authorization_ends",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AcmeOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="aco")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("ready", "ready"),
                                    ("processing", "processing"),
                                    ("valid", "valid"),
                                    ("invalid", "invalid"),
                                ],
                                default="pending",
                                max_length=12,
                            ),
                        ),
                        ("identifiers", models.JSONField()),
                        ("not_after", models.DateTimeField(null=True)),
                        ("replaces", models.CharField(blank=True, default="", max_length=200)),
                        ("error", models.JSONField(null=True)),
                        ("csr", models.TextField(blank=True, default="")),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        (
                            "acme_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="orders",
                                to="acme.acmeaccount",
                            ),
                        ),
                        (
                            "certificate",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="acme_order",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                        (
                            "replaced",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="replaced_by_acme",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                        (
                            "authorizations",
                            models.ManyToManyField(related_name="orders", to="acme.authorization"),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["acme_account", "id"], name="acme_order_of_account"),
                            models.Index(
                                condition=models.Q(("state", "processing")),
                                fields=["due_at"],
                                name="acme_order_due",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["pending", "ready"])),
                                fields=["expires_at"],
                                name="acme_order_ends",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "processing"), _negated=True),
                                    models.Q(("csr", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="acme_order_processing_has_csr",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "valid"), ("replaced__isnull", False)),
                                fields=("replaced",),
                                name="acme_order_replaces_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Challenge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ach")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("http-01", "http-01"),
                                    ("dns-01", "dns-01"),
                                    ("tls-alpn-01", "tls-alpn-01"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("token", models.CharField(max_length=43)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("processing", "processing"),
                                    ("valid", "valid"),
                                    ("invalid", "invalid"),
                                ],
                                default="pending",
                                max_length=12,
                            ),
                        ),
                        ("error", models.JSONField(null=True)),
                        ("validated_at", models.DateTimeField(null=True)),
                        ("tries", models.PositiveSmallIntegerField(default=0)),
                        ("due_at", models.DateTimeField(null=True)),
                        (
                            "authorization",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="challenges",
                                to="acme.authorization",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "processing")),
                                fields=["due_at"],
                                name="acme_challenge_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("authorization", "kind"), name="acme_challenge_kind"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExternalKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="eab")),
                        ("template", models.CharField(blank=True, default="", max_length=40)),
                        ("name", models.CharField(blank=True, default="", max_length=80)),
                        ("domains", models.JSONField(default=list)),
                        ("networks", models.JSONField(default=list)),
                        ("certificates_limit", models.PositiveIntegerField(null=True)),
                        ("certificates_used", models.PositiveIntegerField(default=0)),
                        ("expires_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="acme_keys",
                                to="private_ca.privateca",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "secret",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["ca", "created_at", "id"], name="acme_key_by_ca")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("certificates_limit", None),
                                    ("certificates_used__lte", models.F("certificates_limit")),
                                    _connector="OR",
                                ),
                                name="acme_key_limit",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("revoked_at", None), ("secret", None), _connector="OR"),
                                name="acme_key_revoked_has_no_secret",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RenewalCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="acr")),
                        ("explanation", models.CharField(blank=True, default="", max_length=500)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="renewal_calls",
                                to="private_ca.privateca",
                            ),
                        ),
                        (
                            "certificate",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="renewal_calls",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["ca", "asked_at"], name="acme_renewal_call_of_ca")],
                    },
                ),
            ],
        ),
    ]
