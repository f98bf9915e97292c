from django.db import migrations

from hanaper.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]
    operations = [AppendOnly("policies_policydocument")]
