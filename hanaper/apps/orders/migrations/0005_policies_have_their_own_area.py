from django.db import migrations


class Migration(migrations.Migration):
    """The model is `policies.PublishedPolicy` now; its table stays where it is."""

    dependencies = [("orders", "0004_by_state")]
    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("PublishedPolicy")]),
    ]
