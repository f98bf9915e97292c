from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import migrations


def clean(apps, _schema_editor):
    """Texts with a private key in them were kept as the CA of origins: only their certificates stay."""
    instances = apps.get_model("gateway", "GatewayInstance").objects
    kept = instances.filter(behaviour__origin_ca__icontains="PRIVATE KEY").only("behaviour")
    for one in kept.iterator():
        found = x509.load_pem_x509_certificates(one.behaviour["origin_ca"].encode())
        alone = "".join(each.public_bytes(Encoding.PEM).decode() for each in found)
        # As it was read: whoever changed it meanwhile wrote no key.
        instances.filter(pk=one.pk, behaviour=one.behaviour).update(
            behaviour={**one.behaviour, "origin_ca": alone}
        )


class Migration(migrations.Migration):
    dependencies = [("gateway", "0014_wish_kinds")]
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
