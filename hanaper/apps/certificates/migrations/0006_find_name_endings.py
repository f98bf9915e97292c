import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0005_fill_name_endings")]
    operations = [
        migrations.AlterField(
            "certificatename",
            "account",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.account",
            ),
        ),
        migrations.AddIndex(
            "certificatename",
            models.Index(
                fields=["account", "ending"],
                name="certificate_by_own_ending",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            "certificatename",
            models.Index(fields=["ending"], name="certificate_by_ending", opclasses=["varchar_pattern_ops"]),
        ),
    ]
