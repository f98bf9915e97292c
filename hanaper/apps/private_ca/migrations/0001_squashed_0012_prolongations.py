import django.db.models.deletion
import hanaper.storage.ids
from django.conf import settings
from django.db import migrations, models

from hanaper.storage.append_only import AppendOnly
from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("private_ca", "0001_initial"),
        ("private_ca", "0002_private_cas"),
        ("private_ca", "0003_fill"),
        ("private_ca", "0004_complete"),
        ("private_ca", "0005_private_certificates"),
        ("private_ca", "0006_ceremonies"),
        ("private_ca", "0007_ceremonies_append_only"),
        ("private_ca", "0008_batches"),
        ("private_ca", "0009_due"),
        ("private_ca", "0010_generations"),
        ("private_ca", "0011_fill_generations"),
        ("private_ca", "0012_prolongations"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("authority", "0001_squashed_0009_fill_ca_certificates"),
        ("orders", "0005_policies_have_their_own_area"),
        ("secrets", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="PrivateCA",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pca")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("root", "root"), ("intermediate", "intermediate")], max_length=12
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("not_enabled", "not_enabled"),
                                    ("enabled", "enabled"),
                                    ("expired", "expired"),
                                    ("refunded", "refunded"),
                                ],
                                default="not_enabled",
                                max_length=12,
                            ),
                        ),
                        ("region", models.CharField(max_length=40)),
                        ("term_months", models.PositiveSmallIntegerField()),
                        ("term_ends_at", models.DateTimeField()),
                        ("warn_at", models.DateTimeField(null=True)),
                        ("quota", models.PositiveIntegerField(default=0)),
                        ("quota_used", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        ("name", models.CharField(blank=True, default="", max_length=80)),
                        ("enabled_at", models.DateTimeField(null=True)),
                        ("reset_at", models.DateTimeField(null=True)),
                        ("resetting", models.BooleanField(default=False)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="private_cas",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "authority",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="private_ca",
                                to="authority.authority",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="private_cas",
                                to="orders.order",
                            ),
                        ),
                        (
                            "parent",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="intermediates",
                                to="private_ca.privateca",
                            ),
                        ),
                        (
                            "pending",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="awaited_by",
                                to="authority.authority",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "private CA",
                        "indexes": [
                            models.Index(
                                fields=["account", "created_at", "id"], name="private_ca_by_account"
                            ),
                            models.Index(
                                condition=models.Q(("resetting", True)),
                                fields=["id"],
                                name="private_ca_resetting",
                            ),
                            models.Index(
                                condition=models.Q(("warn_at__isnull", False)),
                                fields=["warn_at"],
                                name="private_ca_warned",
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["not_enabled", "enabled"])),
                                fields=["term_ends_at"],
                                name="private_ca_running",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("order", "kind"), name="private_ca_once_an_order"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "enabled"), _negated=True),
                                    ("reset_at", None),
                                    _connector="OR",
                                ),
                                name="private_ca_reset_or_enabled",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "enabled"), _negated=True),
                                    models.Q(("authority__isnull", False), ("resetting", False)),
                                    _connector="OR",
                                ),
                                name="private_ca_enabled_has_authority",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quota_used__lte", models.F("quota"))),
                                name="private_ca_quota",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "root"), _negated=True),
                                    ("parent", None),
                                    _connector="OR",
                                ),
                                name="private_ca_root_on_top",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CertificateBatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="bat")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "running"),
                                    ("stopped", "stopped"),
                                    ("done", "done"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="running",
                                max_length=10,
                            ),
                        ),
                        ("ordered_by", models.JSONField()),
                        ("total", models.PositiveIntegerField()),
                        ("begun", models.PositiveIntegerField(default=0)),
                        ("refused", models.PositiveIntegerField(default=0)),
                        ("code", models.CharField(blank=True, default="", max_length=60)),
                        ("message", models.TextField(blank=True, default="")),
                        ("created_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("moved_at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificate_batches",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batches",
                                to="private_ca.privateca",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "id"], name="certificate_batch_list"),
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["moved_at"],
                                name="certificate_batch_running",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("ca",),
                                name="certificate_batch_one_running",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ceremony",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="cer")),
                        (
                            "operation",
                            models.CharField(
                                choices=[
                                    ("enable", "enable"),
                                    ("reset", "reset"),
                                    ("renew", "renew"),
                                    ("cross_sign", "cross_sign"),
                                    ("one_person", "one_person"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("parameters", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("proposed", "proposed"),
                                    ("approved", "approved"),
                                    ("carried_out", "carried_out"),
                                    ("refused", "refused"),
                                    ("withdrawn", "withdrawn"),
                                    ("expired", "expired"),
                                    ("failed", "failed"),
                                ],
                                default="proposed",
                                max_length=12,
                            ),
                        ),
                        ("proposed_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("actor", models.JSONField(null=True)),
                        ("problem", models.JSONField(null=True)),
                        ("leased_until", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ceremonies",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ceremonies",
                                to="private_ca.privateca",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "ceremonies",
                        "indexes": [
                            models.Index(fields=["account", "id"], name="ceremony_by_account"),
                            models.Index(
                                condition=models.Q(("state__in", ("proposed", "approved"))),
                                fields=["expires_at"],
                                name="ceremony_open",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("proposed", "approved"))),
                                fields=("ca", "operation"),
                                name="ceremony_one_open",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ca", None), ("state__in", ("proposed", "approved"))),
                                fields=("account", "operation"),
                                name="ceremony_one_open_of_account",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["approved", "carried_out", "failed"]), _negated=True
                                    ),
                                    models.Q(
                                        ("actor__isnull", False),
                                        ("decided_by__isnull", False),
                                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ceremony_two_persons",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CaGeneration",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("began_at", models.DateTimeField()),
                        ("retired_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("reason", models.CharField(blank=True, default="", max_length=30)),
                        (
                            "authority",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="generation",
                                to="authority.authority",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="generations",
                                to="private_ca.privateca",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("retired_at__isnull", False)),
                                fields=["retired_at"],
                                name="ca_generation_retired",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrivateCertificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="pct")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("issuing", "issuing"),
                                    ("issued", "issued"),
                                    ("held", "held"),
                                    ("revoked", "revoked"),
                                    ("expired", "expired"),
                                    ("failed", "failed"),
                                ],
                                default="issuing",
                                max_length=10,
                            ),
                        ),
                        ("template", models.CharField(max_length=40)),
                        ("subject", models.JSONField()),
                        ("names", models.JSONField()),
                        ("serial", models.CharField(max_length=40)),
                        ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                        ("key_algorithm", models.CharField(max_length=20)),
                        ("not_before", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("begun_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("reason", models.CharField(blank=True, default="", max_length=30)),
                        ("notices", models.JSONField(default=list)),
                        ("notice_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="private_certificates",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "ca",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
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
                            "key",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                        (
                            "renews",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="renewed_by",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "id"], name="private_certificate_list"),
                            models.Index(
                                fields=["account", "state", "id"], name="private_certificate_in_state"
                            ),
                            models.Index(
                                fields=["account", "template", "id"], name="private_certificate_template"
                            ),
                            models.Index(
                                fields=["account", "not_after", "id"], name="private_certificate_by_end"
                            ),
                            models.Index(fields=["ca", "id"], name="private_certificate_of_ca"),
                            models.Index(
                                fields=["ca", "created_at", "template", "state"],
                                name="private_certificate_made",
                            ),
                            models.Index(
                                fields=["ca", "not_after", "template", "state"],
                                name="private_certificate_ends",
                            ),
                            models.Index(fields=["serial"], name="private_certificate_found"),
                            models.Index(fields=["fingerprint"], name="private_certificate_print"),
                            models.Index(
                                condition=models.Q(("notice_at__isnull", False)),
                                fields=["notice_at"],
                                name="private_certificate_notice",
                            ),
                            models.Index(
                                condition=models.Q(("begun_at__isnull", False)),
                                fields=["begun_at"],
                                name="private_certificate_issuing",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("ca", "serial"), name="private_certificate_serial"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "waiting"),
                                    ("begun", "begun"),
                                    ("refused", "refused"),
                                    ("cancelled", "cancelled"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("request", models.JSONField()),
                        ("code", models.CharField(blank=True, default="", max_length=60)),
                        ("message", models.TextField(blank=True, default="")),
                        (
                            "batch",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="private_ca.certificatebatch",
                            ),
                        ),
                        (
                            "certificate",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="batch_row",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("batch", "number"), name="batch_row_number")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrivateName",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("ending", models.CharField(max_length=255)),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="private_ca.privatecertificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["account", "ending"],
                                name="private_name_of_account",
                                opclasses=["int8_ops", "varchar_pattern_ops"],
                            ),
                            models.Index(
                                fields=["ending"], name="private_name", opclasses=["varchar_pattern_ops"]
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Prolongation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("term_before", models.DateTimeField()),
                        ("term_after", models.DateTimeField()),
                        ("quota", models.PositiveIntegerField()),
                        (
                            "ca",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prolongations",
                                to="private_ca.privateca",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="orders.order",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("order", "ca"), name="prolonged_once_an_order")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TwoPersonRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("switched_on_at", models.DateTimeField()),
                        (
                            "account",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="two_person_rule",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "switched_on_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CeremonyEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("said", models.JSONField()),
                        ("hash", models.CharField(max_length=64)),
                        (
                            "ceremony",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="private_ca.ceremony",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("ceremony", "position"), name="ceremony_entry_position"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CertificateTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="ctp")),
                        ("name", models.CharField(max_length=40)),
                        ("rules", models.JSONField()),
                        ("created_at", models.DateTimeField()),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="certificate_templates",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("account", "name"), name="certificate_template_name"
                            )
                        ],
                    },
                ),
            ],
        ),
        AppendOnly("private_ca_ceremonyentry"),
    ]
