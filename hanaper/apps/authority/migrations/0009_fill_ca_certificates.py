from cryptography import x509
from django.db import migrations

from hanaper.core.x509.serials import serial_hex
from hanaper.storage.ids import new_public_id


def fill(apps, _schema_editor):
    made = apps.get_model("authority", "CaCertificate").objects
    authorities = apps.get_model("authority", "Authority").objects
    for row in authorities.filter(certificate__isnull=False, certificates=None).iterator():
        der = bytes(row.certificate)
        made.create(
            public_id=new_public_id("cac"),
            authority=row,
            issuer_id=row.parent_id or row.pk,
            kind="own",
            serial=serial_hex(x509.load_der_x509_certificate(der).serial_number),
            der=der,
            not_before=row.not_before,
            not_after=row.not_after,
            created_at=row.created_at,
            revoked_at=row.ended_at if row.parent_id else None,
            reason="cessationOfOperation" if row.ended_at and row.parent_id else "",
        )


class Migration(migrations.Migration):
    dependencies = [("authority", "0008_ca_certificates")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
