from datetime import timedelta

from django.db import migrations
from django.db.models import F

FIRST_WARNING = timedelta(days=30)


def fill(apps, _schema_editor):
    """Of those whose first warning is past the sweep tells the last one that is due."""
    instances = apps.get_model("gateway", "GatewayInstance").objects.exclude(
        state__in=["expired", "refunded"]
    )
    instances.update(warn_at=F("term_ends_at") - FIRST_WARNING)


class Migration(migrations.Migration):
    dependencies = [("gateway", "0012_warnings")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
