"""`hanaper pca batches` against the service in this process."""

import json
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.authority.models import Issuance, IssuanceState
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.sweep import sweep
from hanaper.faces.cli import pca_batches as commands
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import PASSPHRASE, Run, found
from tests.people import Person

pytestmark = pytest.mark.django_db
TABLE = "dns,days\nweb.example.com,30\ndb.example.com www.db.example.com,30\n"


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, the service works."""

    def work(_seconds: float) -> None:
        for batch in CertificateBatch.objects.filter(state="running"):
            services.pursue_batch(batch.pk, clock.now(), clock.system_now())

    monkeypatch.setattr(commands.time, "sleep", work)


@pytest.fixture
def table(tmp_path: Path) -> Any:
    def write(text: str) -> str:
        file = tmp_path / "table.csv"
        file.write_text(text)
        return str(file)

    return write


def test_a_table_is_checked_first(run: Run, issuing: str, table: Any) -> None:
    status, out, _ = run("pca", "batches", "check", issuing, table(TABLE), "--template", "server")
    assert status == 0 and "enough_quota" in out
    wrong = table("dns\nweb.example.com\n*.*.example.com\n")
    status, out, _ = run("pca", "batches", "check", issuing, wrong, "--template", "server")
    assert status == 1 and "rows.3.dns" in out
    status, _, err = run("pca", "batches", "start", issuing, wrong, "--template", "server")
    assert status == 1 and "rows.3.dns" in err
    assert "Nothing here" in run("pca", "batches", "list")[1]


def test_from_a_table_to_an_archive(
    run: Run, issuing: str, table: Any, working: None, passphrase: str, tmp_path: Path
) -> None:
    result = tmp_path / "result.csv"
    words = ("pca", "batches", "start", issuing, table(TABLE), "--template", "server")
    status, out, err = run("--json", *words, "--wait", "--result-to", str(result))
    assert status == 0, err
    batch = json.loads(out)
    assert (batch["state"], batch["begun"], batch["total"]) == ("done", 2, 2)
    assert result.read_text().count("issued") == 2
    assert batch["id"] in run("pca", "batches", "list", "--ca", issuing)[1]
    assert "done" in run("pca", "batches", "show", batch["id"], "--wait")[1]
    assert "web.example.com" in run("pca", "batches", "result", batch["id"])[1]
    rows = found(run("--json", "pca", "batches", "rows", batch["id"]))["items"]
    assert [row["state"] for row in rows] == ["issued", "issued"]

    packed = tmp_path / "all.zip"
    words = ("pca", "batches", "archive", batch["id"], "--to", str(packed), "--keys")
    assert run(*words, "--passphrase-file", passphrase)[0] == 0
    assert packed.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(packed) as archive:
        (key, *others) = (name for name in archive.namelist() if name.endswith(".key"))
        assert len(others) == 1
        opened = ["openssl", "pkey", "-passin", f"pass:{PASSPHRASE}", "-noout"]
        subprocess.run(opened, input=archive.read(key), check=True)


def test_one_with_a_row_that_failed_ends_with_1(
    run: Run, owner: Person, issuing: str, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while the key signed: the serial number of the first row is given up."""

    def work(_seconds: float) -> None:
        def power_cut(*_: object, **__: object) -> None:
            raise RuntimeError("power cut")

        (batch,) = CertificateBatch.objects.all()
        with monkeypatch.context() as cut:
            cut.setattr("hanaper.apps.private_ca.services.issuing.sign", power_cut)
            with pytest.raises(RuntimeError):
                services.pursue_batch(batch.pk, clock.now(), clock.system_now())
        begun = PrivateCertificate.objects.get(batch_row__batch=batch).public_id
        Issuance.objects.filter(reference=begun).update(state=IssuanceState.ABANDONED)
        sweep(clock.now(), clock.system_now() + timedelta(minutes=2))

    monkeypatch.setattr(commands.time, "sleep", work)
    words = ("pca", "batches", "start", issuing, table(TABLE), "--template", "server")
    status, out, _ = run("--json", *words, "--wait")
    batch = json.loads(out)
    assert (status, batch["state"], batch["begun"], batch["refused"], batch["failed"]) == (1, "done", 1, 0, 1)
    shown = owner.rest.get(f"/certificate-batches/{batch['id']}").json()
    assert (shown["total"], shown["begun"], shown["failed"]) == (2, 1, 1)
    rows = owner.rest.get(f"/certificate-batches/{batch['id']}/rows").json()["items"]
    assert [(row["state"], row["code"]) for row in rows] == [("failed", "not_signed"), ("issued", "")]
    assert run("pca", "batches", "show", batch["id"], "--wait")[0] == 1
    assert run("pca", "batches", "show", batch["id"])[0] == 0, "it only says how far it is"


def test_cancelled_and_not_resumed(run: Run, issuing: str, table: Any) -> None:
    words = ("pca", "batches", "start", issuing, table(TABLE), "--template", "server")
    batch = found(run("--json", *words))["id"]
    assert "cancelled" in run("pca", "batches", "cancel", batch)[1]
    status, _, err = run("pca", "batches", "resume", batch)
    assert status == 1 and "hanaper:" in err
