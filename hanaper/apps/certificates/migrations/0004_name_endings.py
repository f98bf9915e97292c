import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A row for what each name ends with, instead of one for the name; 0005 fills them in."""

    dependencies = [("certificates", "0003_by_state")]
    operations = [
        migrations.RemoveConstraint("certificatename", "certificate_name_once"),
        migrations.RemoveIndex("certificatename", "certificate_by_name"),
        migrations.RenameField("certificatename", "name", "ending"),
        migrations.AddField(
            "certificatename",
            "account",
            models.ForeignKey(
                null=True,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.account",
            ),
        ),
        migrations.AddConstraint(
            "certificatename",
            models.UniqueConstraint(fields=["certificate", "ending"], name="certificate_name_once"),
        ),
    ]
