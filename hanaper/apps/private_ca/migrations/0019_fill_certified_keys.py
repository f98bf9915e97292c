import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import migrations

AT_ONCE = 500


def fill(apps, _schema_editor):
    """Of what is good: nobody asks for the key of another."""
    certificates = apps.get_model("private_ca", "PrivateCertificate").objects
    issuances = apps.get_model("authority", "Issuance").objects.filter(certificate__isnull=False)
    good = certificates.filter(state__in=["issued", "held"]).order_by("pk")
    rows = list(good[:AT_ONCE])
    while rows:
        signed = issuances.filter(reference__in=[row.public_id for row in rows])
        ders = dict(signed.values_list("reference", "certificate"))
        for row in rows:
            if row.public_id in ders:
                row.key_fingerprint = _fingerprint(bytes(ders[row.public_id]))
        certificates.bulk_update(rows, ["key_fingerprint"])
        rows = list(good.filter(pk__gt=rows[-1].pk)[:AT_ONCE])


def _fingerprint(der):
    """As core.x509.algorithms had it when this was written."""
    key = x509.load_der_x509_certificate(der).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0018_certified_keys"), ("authority", "0011_compromised_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
