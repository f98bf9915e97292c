import django.db.models.deletion
import hanaper.core.x509.algorithms
import hanaper.core.x509.crl_entries
import hanaper.core.x509.findings
import hanaper.core.x509.ocsp_requests
import hanaper.storage.ids
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("authority", "0001_initial"),
        ("authority", "0002_ed25519"),
        ("authority", "0003_private_authorities"),
        ("authority", "0004_responders"),
        ("authority", "0005_counted_changes"),
        ("authority", "0006_fill_counted_changes"),
        ("authority", "0007_token_keys"),
        ("authority", "0008_ca_certificates"),
        ("authority", "0009_fill_ca_certificates"),
    ]

    initial = True

    dependencies = [
        ("secrets", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="LintedShape",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("shape", models.CharField(max_length=64, unique=True)),
                        ("linted_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="TokenKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="prv")),
                        (
                            "algorithm",
                            models.CharField(
                                choices=[
                                    ("rsa-2048", "rsa-2048"),
                                    ("rsa-3072", "rsa-3072"),
                                    ("rsa-4096", "rsa-4096"),
                                    ("ec-p256", "ec-p256"),
                                    ("ec-p384", "ec-p384"),
                                    ("ed25519", "ed25519"),
                                    ("ml-dsa-44", "ml-dsa-44"),
                                    ("ml-dsa-65", "ml-dsa-65"),
                                    ("ml-dsa-87", "ml-dsa-87"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("token", models.CharField(max_length=32)),
                        ("spki", models.BinaryField(null=True)),
                        ("created_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Authority",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ca")),
                        ("role", models.CharField(max_length=20, null=True, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("outside", models.BooleanField(default=False)),
                        ("request", models.BinaryField(null=True)),
                        ("keystore", models.CharField(max_length=20)),
                        ("key_id", models.CharField(max_length=80)),
                        (
                            "algorithm",
                            models.CharField(
                                choices=[
                                    ("rsa-2048", "rsa-2048"),
                                    ("rsa-3072", "rsa-3072"),
                                    ("rsa-4096", "rsa-4096"),
                                    ("ec-p256", "ec-p256"),
                                    ("ec-p384", "ec-p384"),
                                    ("ed25519", "ed25519"),
                                    ("ml-dsa-44", "ml-dsa-44"),
                                    ("ml-dsa-65", "ml-dsa-65"),
                                    ("ml-dsa-87", "ml-dsa-87"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("certificate", models.BinaryField(null=True)),
                        ("not_before", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        (
                            "rulebook",
                            models.CharField(
                                choices=[("public_tls", "public_tls"), ("private", "private")],
                                default="public_tls",
                                max_length=12,
                            ),
                        ),
                        ("status_url", models.CharField(max_length=200)),
                        ("shards", models.PositiveSmallIntegerField(default=1)),
                        ("list_days", models.PositiveSmallIntegerField(default=7)),
                        ("delta", models.BooleanField(default=False)),
                        ("ocsp", models.BooleanField(default=False)),
                        ("issuing", models.BooleanField(default=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("changes", models.BigIntegerField(default=0)),
                        ("crl_number", models.BigIntegerField(default=0)),
                        ("crl_due_at", models.DateTimeField(null=True)),
                        (
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="children",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["crl_due_at"], name="authority_crl_due")],
                    },
                ),
                migrations.CreateModel(
                    name="CaCertificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="cac")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("own", "Own"), ("link", "Link"), ("cross", "Cross")],
                                default="own",
                                max_length=5,
                            ),
                        ),
                        ("serial", models.CharField(max_length=40)),
                        ("der", models.BinaryField(null=True)),
                        ("above", models.TextField(blank=True, default="")),
                        ("not_before", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unspecified", "unspecified"),
                                    ("keyCompromise", "keyCompromise"),
                                    ("cACompromise", "cACompromise"),
                                    ("affiliationChanged", "affiliationChanged"),
                                    ("superseded", "superseded"),
                                    ("cessationOfOperation", "cessationOfOperation"),
                                    ("certificateHold", "certificateHold"),
                                    ("privilegeWithdrawn", "privilegeWithdrawn"),
                                ],
                                default="",
                                max_length=30,
                            ),
                        ),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="authority.authority",
                            ),
                        ),
                        (
                            "issuer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certified",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "CA certificate",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("der", None)), fields=["id"], name="ca_certificate_begun"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("issuer__isnull", False)),
                                fields=("issuer", "serial"),
                                name="ca_certificate_serial_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Issuance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="iss")),
                        ("serial", models.CharField(max_length=40)),
                        ("shard", models.PositiveSmallIntegerField(default=0)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("prepared", "Prepared"),
                                    ("signing", "Signing"),
                                    ("signed", "Signed"),
                                    ("abandoned", "Abandoned"),
                                ],
                                default="prepared",
                                max_length=20,
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("reference", models.CharField(max_length=40)),
                        ("shape", models.CharField(max_length=64)),
                        ("tbs", models.BinaryField()),
                        ("certificate", models.BinaryField(null=True)),
                        ("not_before", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        ("prepared_at", models.DateTimeField()),
                        ("claimed_at", models.DateTimeField(null=True)),
                        ("changed", models.BigIntegerField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unspecified", "unspecified"),
                                    ("keyCompromise", "keyCompromise"),
                                    ("cACompromise", "cACompromise"),
                                    ("affiliationChanged", "affiliationChanged"),
                                    ("superseded", "superseded"),
                                    ("cessationOfOperation", "cessationOfOperation"),
                                    ("certificateHold", "certificateHold"),
                                    ("privilegeWithdrawn", "privilegeWithdrawn"),
                                ],
                                default="",
                                max_length=30,
                            ),
                        ),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="issuances",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("revoked_at__isnull", False)),
                                fields=["authority", "not_after"],
                                name="issuance_revoked",
                            ),
                            models.Index(
                                condition=models.Q(("changed__isnull", False)),
                                fields=["authority", "changed"],
                                name="issuance_changed",
                            ),
                            models.Index(fields=["reference"], name="issuance_by_reference"),
                            models.Index(
                                condition=models.Q(("state", "signing")),
                                fields=["claimed_at"],
                                name="issuance_signing",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("authority", "serial"), name="issuance_serial_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "abandoned"), _negated=True),
                                fields=("key",),
                                name="issuance_key_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "signed"), _negated=True),
                                    ("certificate__isnull", False),
                                    _connector="OR",
                                ),
                                name="issuance_signed_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KeptAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("serial", models.CharField(max_length=40)),
                        (
                            "hash",
                            models.CharField(
                                choices=[
                                    ("sha1", "sha1"),
                                    ("sha256", "sha256"),
                                    ("sha384", "sha384"),
                                    ("sha512", "sha512"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("final", models.BooleanField(default=False)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("reason", models.CharField(blank=True, default="", max_length=30)),
                        ("this_update", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("next_update", models.DateTimeField()),
                        ("asked_at", models.DateTimeField()),
                        ("der", models.BinaryField()),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("final", False)),
                                fields=["due_at"],
                                name="kept_answer_due",
                            ),
                            models.Index(fields=["next_update"], name="kept_answer_ended"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("authority", "serial", "hash"), name="kept_answer_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Responder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key_id", models.CharField(max_length=80)),
                        ("certificate", models.BinaryField(null=True)),
                        ("not_after", models.DateTimeField()),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="responders",
                                to="authority.authority",
                            ),
                        ),
                        (
                            "issuance",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="authority.issuance",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["authority", "not_after"], name="responder_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("certificate", None)),
                                fields=("authority",),
                                name="responder_made_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevocationList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("shard", models.PositiveSmallIntegerField(null=True)),
                        ("number", models.BigIntegerField()),
                        ("changes", models.BigIntegerField(default=0)),
                        ("this_update", models.DateTimeField()),
                        ("next_update", models.DateTimeField()),
                        ("entries", models.PositiveIntegerField()),
                        ("newest", models.BooleanField(default=True)),
                        ("der", models.BinaryField()),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revocation_lists",
                                to="authority.authority",
                            ),
                        ),
                        (
                            "base",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deltas",
                                to="authority.revocationlist",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("newest", True)),
                                fields=["authority"],
                                name="revocation_list_newest",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("base", None)),
                                fields=("authority", "number"),
                                name="revocation_list_number_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("base__isnull", False)),
                                fields=("authority", "number"),
                                name="revocation_delta_number_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StoredKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="prv")),
                        (
                            "algorithm",
                            models.CharField(
                                choices=[
                                    ("rsa-2048", "rsa-2048"),
                                    ("rsa-3072", "rsa-3072"),
                                    ("rsa-4096", "rsa-4096"),
                                    ("ec-p256", "ec-p256"),
                                    ("ec-p384", "ec-p384"),
                                    ("ed25519", "ed25519"),
                                    ("ml-dsa-44", "ml-dsa-44"),
                                    ("ml-dsa-65", "ml-dsa-65"),
                                    ("ml-dsa-87", "ml-dsa-87"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("spki", models.BinaryField()),
                        (
                            "secret",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Tombstone",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("serial", models.CharField(max_length=40)),
                        ("fingerprint", models.CharField(blank=True, max_length=64)),
                        ("not_after", models.DateTimeField()),
                        (
                            "authority",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tombstones",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("authority", "serial"), name="tombstone_once")
                        ],
                    },
                ),
            ],
        ),
    ]
