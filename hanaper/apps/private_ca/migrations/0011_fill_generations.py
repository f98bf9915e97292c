from datetime import timedelta

from django.db import migrations
from django.db.models import F

FIRST_WARNING = timedelta(days=60)


def fill(apps, _schema_editor):
    cas = apps.get_model("private_ca", "PrivateCA").objects
    made = apps.get_model("private_ca", "CaGeneration").objects
    for ca in cas.filter(authority__isnull=False, generations=None).iterator():
        made.create(ca=ca, authority_id=ca.authority_id, began_at=ca.enabled_at or ca.created_at)
    running = cas.filter(state__in=["not_enabled", "enabled"], warn_at=None)
    running.update(warn_at=F("term_ends_at") - FIRST_WARNING)


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0010_generations"), ("authority", "0009_fill_ca_certificates")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
