import re

from django.db import migrations


def fill(apps, _schema_editor):
    """As core.private_ca.ca_names had it when this was written."""
    cas = apps.get_model("private_ca", "PrivateCA").objects
    names = apps.get_model("private_ca", "CaName").objects
    for ca in cas.exclude(name="").iterator():
        written = " ".join(ca.name.lower().split())
        for ending in {written[found.start() :][:80] for found in re.finditer(r"\w+", written)}:
            names.create(ca=ca, ending=ending)


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0015_ca_names")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
