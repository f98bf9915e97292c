from django.db import migrations

KINDS = ("private_root_ca", "private_intermediate_ca")
INCLUDED, MONTHS = 1000, 12  # where an operator had said nothing


def fill(apps, _schema_editor):
    rows = apps.get_model("catalog", "Product").objects.filter(kind__in=KINDS)
    rows.filter(certificates_included=0).update(certificates_included=INCLUDED)
    rows.filter(term_months=0).update(term_months=MONTHS)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_private_cas")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
