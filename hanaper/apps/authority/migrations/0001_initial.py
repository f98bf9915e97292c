import django.db.models.deletion
import hanaper.core.x509.algorithms
import hanaper.core.x509.crl
import hanaper.storage.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("secrets", "0001_initial"),
    ]

    operations = [
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
                ("keystore", models.CharField(max_length=20)),
                ("key_id", models.CharField(max_length=80)),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_2048"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_2048"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_3072"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_3072"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_4096"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_4096"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P256"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P256"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P384"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P384"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_44"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_44"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_65"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_65"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_87"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_87"],
                            ),
                        ],
                        max_length=20,
                    ),
                ),
                ("certificate", models.BinaryField(null=True)),
                ("not_before", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("status_url", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
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
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                hanaper.core.x509.crl.RevocationReason["UNSPECIFIED"],
                                hanaper.core.x509.crl.RevocationReason["UNSPECIFIED"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["KEY_COMPROMISE"],
                                hanaper.core.x509.crl.RevocationReason["KEY_COMPROMISE"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["CA_COMPROMISE"],
                                hanaper.core.x509.crl.RevocationReason["CA_COMPROMISE"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["AFFILIATION_CHANGED"],
                                hanaper.core.x509.crl.RevocationReason["AFFILIATION_CHANGED"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["SUPERSEDED"],
                                hanaper.core.x509.crl.RevocationReason["SUPERSEDED"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["CESSATION_OF_OPERATION"],
                                hanaper.core.x509.crl.RevocationReason["CESSATION_OF_OPERATION"],
                            ),
                            (
                                hanaper.core.x509.crl.RevocationReason["PRIVILEGE_WITHDRAWN"],
                                hanaper.core.x509.crl.RevocationReason["PRIVILEGE_WITHDRAWN"],
                            ),
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
                    models.Index(fields=["reference"], name="issuance_by_reference"),
                    models.Index(
                        condition=models.Q(("state", "signing")),
                        fields=["claimed_at"],
                        name="issuance_signing",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("authority", "serial"), name="issuance_serial_once"),
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
            name="RevocationList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("this_update", models.DateTimeField()),
                ("next_update", models.DateTimeField()),
                ("entries", models.PositiveIntegerField()),
                ("der", models.BinaryField()),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revocation_lists",
                        to="authority.authority",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "number"), name="revocation_list_number_once"
                    )
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
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_2048"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_2048"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_3072"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_3072"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_4096"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["RSA_4096"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P256"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P256"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P384"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["EC_P384"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_44"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_44"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_65"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_65"],
                            ),
                            (
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_87"],
                                hanaper.core.x509.algorithms.KeyAlgorithm["ML_DSA_87"],
                            ),
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
    ]
