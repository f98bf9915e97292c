from django.db import migrations

AT_ONCE = 1000


def fill(apps, _schema_editor):
    """As core.gateway.domains had it when this was written."""
    instances = apps.get_model("gateway", "GatewayInstance").objects.exclude(domain="")
    endings = apps.get_model("gateway", "DomainEnding")
    made = []
    for pk, account, domain in instances.values_list("pk", "account", "domain").iterator():
        labels = domain.split(".")
        for first in range(len(labels)):
            ending = ".".join(labels[first:])
            made.append(endings(account_id=account, instance_id=pk, ending=ending))
    endings.objects.bulk_create(made, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("gateway", "0010_domain_endings")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
