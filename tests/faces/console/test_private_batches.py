"""Certificates ordered in a table: looked at first, faults by row, then issued; charts beside the CA."""

import csv
import io
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person

pytestmark = pytest.mark.django_db
TABLE = "template,dns,days\nserver,a.works.example,20\nserver,b.works.example,20\n"


def test_faults_stand_by_row_and_nothing_is_issued(owner: Person, client: Client, ca: PrivateCA) -> None:
    address = page(owner, "order-batch", ca.public_id)
    file = SimpleUploadedFile("t.csv", TABLE.replace("b.works", "b.else").encode())
    answer = client.post(address, {"file": file})
    assert [fault.field for fault in answer.context["checked"].faults] == ["rows.3.dns"]
    assert "Row 3, column dns" in text(answer) and "Issue them" not in text(answer)
    # Sent all the same, it is refused as a whole.
    refused = client.post(address, {"table": TABLE.replace("b.works", "b.else"), "begin": "yes"})
    assert refused.status_code == 422 and "Row 3, column dns" in text(refused)
    quoted = client.post(address, {"table": TABLE + '"'}, headers={"Accept-Language": "zh-CN"})
    assert "第 4 行" in text(quoted) and "rows." not in text(quoted)
    empty = client.post(address, {"table": "days"})
    assert "The table" in text(empty) and "csv</code>" not in text(empty)
    wrong = client.post(address, {"file": SimpleUploadedFile("t.csv", b"\xff\xfe\x00")})
    assert wrong.status_code == 422 and "The file is text in UTF-16: save it again as UTF-8." in text(wrong)
    assert not CertificateBatch.objects.exists() and not PrivateCertificate.objects.exists()


def test_a_table_that_is_right_is_issued(owner: Person, client: Client, ca: PrivateCA, at: datetime) -> None:
    address = page(owner, "order-batch", ca.public_id)
    looked_at = client.post(address, {"table": TABLE})
    assert "2 certificates will be issued." in text(looked_at) and not CertificateBatch.objects.exists()
    client.post(address, {"table": TABLE, "begin": "yes"})
    batch = CertificateBatch.objects.get()
    shown = page(owner, "batch", batch.public_id)
    assert 'hx-trigger="every 2s"' in text(client.get(shown))
    services.pursue_batch(batch.pk, at, at)
    said = text(client.get(shown))
    assert "2 of 2 rows" in said and "a.works.example" in said and "hx-trigger" not in said
    file = b"".join(client.get(page(owner, "batch-result", batch.public_id)))  # type: ignore[arg-type]
    assert len(list(csv.DictReader(io.StringIO(file.decode())))) == 2
    short = client.post(page(owner, "fetch-batch", batch.public_id), {"passphrase": "short"})
    assert short.status_code == 422 and "passphrase-fault" in text(short)
    packed = client.post(page(owner, "fetch-batch", batch.public_id), {"passphrase": "correct horse battery"})
    assert b"".join(packed)[:2] == b"PK"  # type: ignore[arg-type]
    assert batch.public_id in text(client.get(page(owner, "batches")))
    CertificateBatch.objects.update(begun=1, failed=1)
    assert "<dt>Failed</dt><dd>1</dd>" in text(client.get(shown)) and "2 of 2 rows" in text(client.get(shown))
    assert client.get(page(owner, "batches")).content.decode().count('data-label="Failed">1<') == 1
    # The charts of the CA and of its root count them.
    charts = client.get(page(owner, "private-ca", ca.public_id)).context["charts"]
    assert [chart.total for chart in charts] == [2, 2]
    assert (charts[0].bars[-1].value, sorted({bar.value for bar in charts[1].bars})) == (2, [0, 2])
    assert ca.parent is not None
    root = client.get(page(owner, "private-ca", ca.parent.public_id))
    assert root.context["charts"][0].total == 2 and "As a table" in text(root)
