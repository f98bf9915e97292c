from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateway", "0003_fill")]
    operations = [migrations.AlterField("gatewayinstance", "term_ends_at", models.DateTimeField())]
