from django.db import migrations

from hanaper.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0006_ceremonies")]
    operations = [AppendOnly("private_ca_ceremonyentry")]
