from django.db import migrations, models

WHY = {
    "code": "not_signed",
    "message": "Its signing was interrupted, and no certificate was made: put the row into another table.",
}


def fill(apps, _schema_editor):
    """As services.issuing has it from now on."""
    batches = apps.get_model("private_ca", "CertificateBatch").objects
    rows = apps.get_model("private_ca", "BatchRow").objects.filter(certificate__state="failed")
    for batch in rows.values_list("batch_id", flat=True).distinct():
        failed = rows.filter(batch_id=batch).count()
        batches.filter(pk=batch).update(begun=models.F("begun") - failed, failed=failed)
    rows.update(**WHY)


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0016_fill_ca_names")]
    operations = [
        migrations.AddField("certificatebatch", "failed", models.PositiveIntegerField(default=0)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
