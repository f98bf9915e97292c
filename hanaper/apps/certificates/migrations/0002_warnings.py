from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q


def begin(apps, schema_editor):  # noqa: ARG001 - Django calls it so
    """Those in force are told of their next warning; who was warned 30 days before is told 14 days before."""
    certificates = apps.get_model("certificates", "Certificate").objects.filter(state="issued")
    certificates.filter(warned_at=None).update(warn_at=F("term_end") - timedelta(days=60))
    certificates.exclude(warned_at=None).update(warn_at=F("term_end") - timedelta(days=14))


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [
        migrations.AddField("certificate", "warn_at", models.DateTimeField(null=True)),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RemoveField("certificate", "warned_at"),
        migrations.AddIndex(
            "certificate",
            models.Index(
                fields=["warn_at", "id"],
                name="certificate_to_warn",
                condition=Q(warn_at__isnull=False),
            ),
        ),
    ]
