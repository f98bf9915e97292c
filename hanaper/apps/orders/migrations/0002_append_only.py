from django.db import migrations

from hanaper.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [
        AppendOnly("orders_quotamovement"),
        AppendOnly("orders_publishedpolicy"),
    ]
