import hanaper.apps.private_ca.states
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("private_ca", "0003_fill")]
    operations = [
        migrations.AlterField("privateca", "region", models.CharField(max_length=40)),
        migrations.AlterField("privateca", "term_ends_at", models.DateTimeField()),
        migrations.AddConstraint(
            model_name="privateca",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", hanaper.apps.private_ca.states.PrivateCaState["ENABLED"]), _negated=True
                    ),
                    models.Q(("authority__isnull", False), ("resetting", False)),
                    _connector="OR",
                ),
                name="private_ca_enabled_has_authority",
            ),
        ),
        migrations.AddConstraint(
            model_name="privateca",
            constraint=models.CheckConstraint(
                condition=models.Q(("quota_used__lte", models.F("quota"))), name="private_ca_quota"
            ),
        ),
    ]
