from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0017_rows_that_failed")]
    operations = [
        migrations.AddField(
            "privatecertificate", "key_fingerprint", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.AddIndex(
            "privatecertificate", models.Index(fields=["key_fingerprint"], name="private_certificate_key")
        ),
    ]
