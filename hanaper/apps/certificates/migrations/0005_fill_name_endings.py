from typing import Any

from django.db import migrations

BATCH = 2000


def fill(apps: Any, schema_editor: Any) -> None:
    """Every name was kept whole: give it its account, and rows for what it ends with."""
    del schema_editor
    names = apps.get_model("certificates", "CertificateName")
    last = 0
    while kept := list(
        names.objects.filter(pk__gt=last, account=None).select_related("certificate").order_by("pk")[:BATCH]
    ):
        last = kept[-1].pk
        for one in kept:
            one.account_id = one.certificate.account_id
        names.objects.bulk_update(kept, ["account"])
        names.objects.bulk_create(
            (
                names(certificate_id=one.certificate_id, account_id=one.account_id, ending=ending)
                for one in kept
                for ending in shorter(one.ending)
            ),
            ignore_conflicts=True,
            batch_size=BATCH,
        )


def shorter(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[first:]) for first in range(1, len(labels))]


class Migration(migrations.Migration):
    dependencies = [("certificates", "0004_name_endings")]
    # Backwards the endings stay as names of their own: then a search finds a little more.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
