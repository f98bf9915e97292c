from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authority", "0009_fill_ca_certificates")]

    operations = [
        migrations.AddField("cacertificate", "begun_at", models.DateTimeField(null=True)),
    ]
