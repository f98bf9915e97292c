from django.db import migrations

from hanaper.core.calendar import add_months


def fill(apps, _schema_editor):
    apps.get_model("gateway", "Fleet").objects.create()
    rows = apps.get_model("gateway", "GatewayInstance").objects
    for row in rows.filter(term_ends_at=None).iterator():
        row.term_ends_at = add_months(row.created_at, row.term_months)
        row.save(update_fields=["term_ends_at"])


class Migration(migrations.Migration):
    dependencies = [("gateway", "0002_sites")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
