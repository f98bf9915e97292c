import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import migrations, models


def fill(apps, _schema_editor):
    issuances = apps.get_model("authority", "Issuance").objects
    known = apps.get_model("authority", "CompromisedKey").objects
    for row in issuances.filter(reason="keyCompromise", certificate__isnull=False).iterator():
        key = x509.load_der_x509_certificate(bytes(row.certificate)).public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        found = hashlib.sha256(spki).hexdigest()
        known.get_or_create(fingerprint=found, defaults={"reported_at": row.revoked_at})


class Migration(migrations.Migration):
    dependencies = [("authority", "0010_ca_certificates_begun")]

    operations = [
        migrations.CreateModel(
            "CompromisedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("reported_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
