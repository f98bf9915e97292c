from django.db import migrations, models
from django.db.models import F, Q


def begin(apps, schema_editor):  # noqa: ARG001 - Django calls it so
    """What is paid already is looked at once; most windows have closed, and nothing comes of it."""
    apps.get_model("orders", "Order").objects.filter(state="paid").update(refund_look_at=F("paid_at"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_append_only")]

    operations = [
        migrations.AddField("order", "refund_look_at", models.DateTimeField(null=True)),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.AddIndex(
            "order",
            models.Index(
                fields=["refund_look_at", "id"],
                name="order_to_remind",
                condition=Q(refund_look_at__isnull=False),
            ),
        ),
    ]
