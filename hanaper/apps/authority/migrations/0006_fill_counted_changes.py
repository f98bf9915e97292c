"""What was revoked before changes were counted is the first change, which no list knows: all are made anew."""

from django.db import migrations
from django.db.models import Max


def fill(apps, _schema_editor):
    Authority = apps.get_model("authority", "Authority")
    Issuance = apps.get_model("authority", "Issuance")
    RevocationList = apps.get_model("authority", "RevocationList")
    Issuance.objects.filter(revoked_at__isnull=False).update(changed=1)
    Authority.objects.update(changes=1)
    latest = RevocationList.objects.values("authority", "shard").annotate(number=Max("number"))
    for row in list(latest):
        older = RevocationList.objects.filter(authority=row["authority"], shard=row["shard"])
        older.filter(number__lt=row["number"]).update(newest=False, der=b"")


class Migration(migrations.Migration):
    dependencies = [("authority", "0005_counted_changes")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
