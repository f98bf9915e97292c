import datetime
import django.db.models.deletion
import hanaper.core.certificate.identifiers
import hanaper.core.certificate.profiles
import hanaper.core.certificate.states
import hanaper.storage.ids
from django.db import migrations, models

from hanaper.storage.create_together import CreateTogether


class Migration(migrations.Migration):
    replaces = [
        ("certificates", "0001_initial"),
        ("certificates", "0002_warnings"),
        ("certificates", "0003_by_state"),
        ("certificates", "0004_name_endings"),
        ("certificates", "0005_fill_name_endings"),
        ("certificates", "0006_find_name_endings"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0001_squashed_0002_preferences"),
        ("catalog", "0001_squashed_0005_complete"),
        ("orders", "0005_policies_have_their_own_area"),
        ("secrets", "0001_initial"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Certificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="crt")),
                        ("series", models.CharField(db_index=True, max_length=40)),
                        ("year", models.PositiveSmallIntegerField(default=1)),
                        ("brand", models.CharField(max_length=60)),
                        (
                            "level",
                            models.CharField(
                                choices=[("dv", "dv"), ("ov", "ov"), ("ev", "ev")], max_length=2
                            ),
                        ),
                        (
                            "domain_kind",
                            models.CharField(
                                choices=[
                                    ("single", "single"),
                                    ("multi_domain", "multi_domain"),
                                    ("wildcard", "wildcard"),
                                    ("multi_wildcard", "multi_wildcard"),
                                    ("hybrid", "hybrid"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("publicly_trusted", models.BooleanField()),
                        ("needs_id_number", models.BooleanField()),
                        ("combined", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending_application", "pending_application"),
                                    ("validating_application", "validating_application"),
                                    ("validation_failed", "validation_failed"),
                                    ("issued", "issued"),
                                    ("validating_revocation", "validating_revocation"),
                                    ("revoked", "revoked"),
                                    ("expired", "expired"),
                                    ("not_activated", "not_activated"),
                                    ("removed", "removed"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("domains", models.JSONField(default=list)),
                        ("form", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                        ("issued_at", models.DateTimeField(null=True)),
                        ("term_begin", models.DateTimeField(null=True)),
                        (
                            "term_end",
                            models.DateTimeField(
                                default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC)
                            ),
                        ),
                        ("auto_reissue", models.BooleanField(default=True)),
                        ("reissue_due_at", models.DateTimeField(null=True)),
                        ("retry_at", models.DateTimeField(null=True)),
                        ("retries", models.PositiveIntegerField(default=0)),
                        ("warn_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "removed_by",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cancel_apply", "cancel_apply"),
                                    ("delete_request", "delete_request"),
                                    ("cancel", "cancel"),
                                    ("combine", "combine"),
                                    ("leave_with_first", "leave_with_first"),
                                    ("refund", "refund"),
                                ],
                                default="",
                                max_length=20,
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "follows",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="followers",
                                to="certificates.certificate",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="orders.orderline",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="orders.order",
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.product",
                            ),
                        ),
                        (
                            "current",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="certificates.issuerorder",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "id"], name="certificate_by_account"),
                            models.Index(fields=["account", "state", "id"], name="certificate_by_state"),
                            models.Index(fields=["account", "term_end", "id"], name="certificate_by_term"),
                            models.Index(fields=["term_end", "id"], name="certificate_ending"),
                            models.Index(
                                condition=models.Q(("reissue_due_at__isnull", False)),
                                fields=["reissue_due_at"],
                                name="certificate_to_reissue",
                            ),
                            models.Index(
                                condition=models.Q(("warn_at__isnull", False)),
                                fields=["warn_at", "id"],
                                name="certificate_to_warn",
                            ),
                            models.Index(
                                condition=models.Q(("state", "not_activated")),
                                fields=["id"],
                                name="certificate_not_activated",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("series", "year"), name="certificate_year_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("issued_at__isnull", False),
                                        (
                                            "state__in",
                                            ("issued", "validating_revocation", "revoked", "expired"),
                                        ),
                                        ("term_begin__isnull", False),
                                        (
                                            "term_end__lt",
                                            datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                                        ),
                                    ),
                                    models.Q(
                                        (
                                            "state__in",
                                            ("issued", "validating_revocation", "revoked", "expired"),
                                        ),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="certificate_term",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", False),
                                        ("state", "removed"),
                                        models.Q(("removed_by", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "removed"), _negated=True),
                                        ("removed_at", None),
                                        ("removed_by", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="certificate_removed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("year__gte", 1), ("year__lte", 3)),
                                name="certificate_year",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Application",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="app")),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("apply", "apply"),
                                    ("activation", "activation"),
                                    ("reissue", "reissue"),
                                    ("rekey", "rekey"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("validating", "validating"),
                                    ("reviewing", "reviewing"),
                                    ("issuing", "issuing"),
                                    ("issued", "issued"),
                                    ("failed", "failed"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="validating",
                                max_length=12,
                            ),
                        ),
                        ("domains", models.JSONField()),
                        ("methods", models.JSONField()),
                        ("contact", models.JSONField()),
                        ("company", models.JSONField(null=True)),
                        ("spki", models.BinaryField()),
                        ("key_fingerprint", models.CharField(max_length=64)),
                        ("key_algorithm", models.CharField(max_length=20)),
                        ("csr", models.BinaryField(null=True)),
                        ("key_generated", models.BooleanField()),
                        ("key_shown_at", models.DateTimeField(null=True)),
                        ("submitted_at", models.DateTimeField()),
                        ("validated_at", models.DateTimeField(null=True)),
                        ("reviewed_at", models.DateTimeField(null=True)),
                        ("reviewer", models.CharField(blank=True, default="", max_length=200)),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                        ("failure", models.CharField(blank=True, default="", max_length=1000)),
                        (
                            "private_key",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="secrets.sealedsecret",
                            ),
                        ),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="applications",
                                to="certificates.certificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["certificate", "id"], name="application_by_certificate"),
                            models.Index(
                                condition=models.Q(("state", "reviewing")),
                                fields=["submitted_at", "id"],
                                name="application_to_review",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("validating", "reviewing", "issuing"))),
                                fields=("certificate",),
                                name="application_one_at_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CertificateName",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("ending", models.CharField(max_length=253)),
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
                                related_name="names",
                                to="certificates.certificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["account", "ending"],
                                name="certificate_by_own_ending",
                                opclasses=["int8_ops", "varchar_pattern_ops"],
                            ),
                            models.Index(
                                fields=["ending"],
                                name="certificate_by_ending",
                                opclasses=["varchar_pattern_ops"],
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("certificate", "ending"), name="certificate_name_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CombinedQuota",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="certificates.certificate",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="combined_quota",
                                to="orders.orderline",
                            ),
                        ),
                        (
                            "order",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="combined_quota",
                                to="orders.order",
                            ),
                        ),
                        (
                            "source",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="went_into",
                                to="certificates.certificate",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Company",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="com")),
                        ("organization", models.CharField(max_length=64)),
                        ("country", models.CharField(max_length=2)),
                        ("state", models.CharField(blank=True, default="", max_length=128)),
                        ("locality", models.CharField(blank=True, default="", max_length=128)),
                        ("business_category", models.CharField(blank=True, default="", max_length=128)),
                        ("registration_number", models.CharField(blank=True, default="", max_length=64)),
                        ("jurisdiction_country", models.CharField(blank=True, default="", max_length=2)),
                        ("jurisdiction_state", models.CharField(blank=True, default="", max_length=128)),
                        ("jurisdiction_locality", models.CharField(blank=True, default="", max_length=128)),
                        ("created_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="companies",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "created_at", "id"], name="company_by_account")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="con")),
                        ("name", models.CharField(max_length=100)),
                        ("email", models.EmailField(max_length=254)),
                        ("phone", models.CharField(blank=True, default="", max_length=40)),
                        ("id_number", models.CharField(blank=True, default="", max_length=64)),
                        ("created_at", models.DateTimeField()),
                        ("removed_at", models.DateTimeField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="accounts.account",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["account", "created_at", "id"], name="contact_by_account")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DomainCheck",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="chk")),
                        ("domain", models.CharField(max_length=253)),
                        (
                            "method",
                            models.CharField(choices=[("dns", "dns"), ("http", "http")], max_length=4),
                        ),
                        ("token", models.CharField(max_length=64)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("passed", "passed"),
                                    ("failed", "failed"),
                                    ("withdrawn", "withdrawn"),
                                ],
                                default="pending",
                                max_length=10,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("obtained_at", models.DateTimeField(null=True)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("began_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("tried_at", models.DateTimeField(null=True)),
                        ("seen", models.JSONField(default=dict)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="domain_checks",
                                to="accounts.account",
                            ),
                        ),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="certificates.application",
                            ),
                        ),
                        (
                            "reused",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="certificates.domaincheck",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at"],
                                name="domain_check_due",
                            ),
                            models.Index(
                                fields=["account", "domain", "obtained_at"], name="domain_check_record"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "domain"), name="domain_check_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("obtained_at__isnull", False), ("state", "passed")),
                                    models.Q(
                                        models.Q(("state", "passed"), _negated=True), ("obtained_at", None)
                                    ),
                                    _connector="OR",
                                ),
                                name="domain_check_obtained",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IssuerOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="iod")),
                        ("issuer", models.CharField(max_length=40)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("prepared", "prepared"),
                                    ("submitted", "submitted"),
                                    ("issued", "issued"),
                                    ("failed", "failed"),
                                    ("unwanted", "unwanted"),
                                    ("discarded", "discarded"),
                                ],
                                default="prepared",
                                max_length=12,
                            ),
                        ),
                        ("reference", models.CharField(blank=True, default="", max_length=200)),
                        ("not_before", models.DateTimeField()),
                        ("not_after", models.DateTimeField()),
                        ("term_begin", models.DateTimeField()),
                        ("term_end", models.DateTimeField()),
                        ("created_at", models.DateTimeField()),
                        ("issued_at", models.DateTimeField(null=True)),
                        ("serial", models.CharField(blank=True, default="", max_length=40)),
                        ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
                        ("leaf", models.BinaryField(null=True)),
                        ("chain", models.TextField(blank=True, default="")),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "revocation_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unspecified", "unspecified"),
                                    ("key_compromise", "key_compromise"),
                                    ("affiliation_changed", "affiliation_changed"),
                                    ("superseded", "superseded"),
                                    ("cessation_of_operation", "cessation_of_operation"),
                                    ("privilege_withdrawn", "privilege_withdrawn"),
                                ],
                                default="",
                                max_length=30,
                            ),
                        ),
                        ("fault", models.CharField(blank=True, default="", max_length=1000)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("due_at", models.DateTimeField(null=True)),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="issuer_order",
                                to="certificates.application",
                            ),
                        ),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="issuer_orders",
                                to="certificates.certificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at"],
                                name="issuer_order_due",
                            ),
                            models.Index(fields=["serial"], name="issuer_order_by_serial"),
                            models.Index(fields=["fingerprint"], name="issuer_order_by_fingerprint"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("leaf__isnull", False),
                                        ("state", "issued"),
                                        models.Q(("serial", ""), _negated=True),
                                    ),
                                    models.Q(("state", "issued"), _negated=True),
                                    _connector="OR",
                                ),
                                name="issuer_order_leaf",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevocationRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("public_id", hanaper.storage.ids.PublicIdField(max_length=40, prefix="rvk")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "pending"),
                                    ("approved", "approved"),
                                    ("done", "done"),
                                    ("refused", "refused"),
                                    ("lapsed", "lapsed"),
                                ],
                                default="pending",
                                max_length=10,
                            ),
                        ),
                        ("by_subscriber", models.BooleanField()),
                        ("for_cause", models.BooleanField(default=False)),
                        ("requested_by", models.CharField(max_length=300)),
                        ("requested_at", models.DateTimeField()),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("unspecified", "unspecified"),
                                    ("key_compromise", "key_compromise"),
                                    ("affiliation_changed", "affiliation_changed"),
                                    ("superseded", "superseded"),
                                    ("cessation_of_operation", "cessation_of_operation"),
                                    ("privilege_withdrawn", "privilege_withdrawn"),
                                ],
                                max_length=30,
                            ),
                        ),
                        ("text", models.CharField(blank=True, default="", max_length=1000)),
                        ("due_at", models.DateTimeField()),
                        (
                            "window_closes_at",
                            models.DateTimeField(
                                default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC)
                            ),
                        ),
                        ("queue_key", models.CharField(max_length=60)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decided_by", models.CharField(blank=True, default="", max_length=300)),
                        ("decision", models.CharField(blank=True, default="", max_length=1000)),
                        ("alerted_at", models.DateTimeField(null=True)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("next_at", models.DateTimeField(null=True)),
                        ("fault", models.CharField(blank=True, default="", max_length=1000)),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revocations",
                                to="certificates.certificate",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "pending")),
                                fields=["queue_key", "id"],
                                name="revocation_queue",
                            ),
                            models.Index(fields=["certificate", "id"], name="revocation_by_certificate"),
                            models.Index(
                                condition=models.Q(("next_at__isnull", False)),
                                fields=["next_at"],
                                name="revocation_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("pending", "approved"))),
                                fields=("certificate",),
                                name="revocation_one_open",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
