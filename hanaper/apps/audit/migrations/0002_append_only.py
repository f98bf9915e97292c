from django.db import migrations

from hanaper.storage.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [AppendOnly("audit_auditentry"), AppendOnly("audit_auditseal")]
