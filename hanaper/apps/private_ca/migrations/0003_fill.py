from django.conf import settings
from django.db import migrations

from hanaper.core.calendar import add_months

QUOTA = 1000  # of the certificates of a CA that was bought before there was one


def fill(apps, _schema_editor):
    rows = apps.get_model("private_ca", "PrivateCA").objects
    for row in rows.filter(term_ends_at=None).iterator():
        row.term_ends_at = add_months(row.created_at, row.term_months)
        row.region = settings.REGIONS[0]
        row.quota = QUOTA if row.kind == "intermediate" else 0
        row.save(update_fields=["term_ends_at", "region", "quota"])


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0002_private_cas")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
