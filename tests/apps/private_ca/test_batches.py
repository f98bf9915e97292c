"""Certificates ordered in a table: looked at whole, issued once a row, stopped and resumed, given out."""

import csv
import io
import zipfile
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from django.apps import apps

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Issuance, IssuanceState
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.batches import BatchRow, CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import batch_running
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.private_ca.templates import change_template, make_template
from hanaper.core.errors import Forbidden, InvalidInput, NotFound
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import reset
from tests.people import Person

pytestmark = pytest.mark.django_db
THREE = "template,dns\nserver,a.example\nserver,b.example\nserver,c.example\n"
PASSPHRASE = "correct horse battery"
RULES = {"title": "Team", "uses": ["serverAuth"], "dns": {"allowed": True}}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn lasts until everything is done, on a slow machine too."""
    monkeypatch.setattr(batch_running, "SECONDS", 600)


def start(person: Person, ca: PrivateCA, at: datetime, text: str = THREE) -> CertificateBatch:
    return services.start_batch(person.actor, ca, text, at=at)


def run(batch: CertificateBatch, at: datetime) -> CertificateBatch:
    services.pursue_batch(batch.pk, at, clock.system_now())
    batch.refresh_from_db()
    return batch


def states(batch: CertificateBatch) -> list[str]:
    return [services.state_of(row) for row in services.rows_of(batch)]


def used(ca: PrivateCA) -> int:
    return PrivateCA.objects.get(pk=ca.pk).quota_used


def test_a_certificate_for_each_row(owner: Person, working: PrivateCA, at: datetime) -> None:
    batch = start(owner, working, at)
    assert (batch.state, batch.total, states(batch)) == ("running", 3, ["waiting"] * 3)
    run(batch, at)
    assert (batch.state, batch.begun, batch.refused, batch.finished_at) == ("done", 3, 0, at)
    assert states(batch) == ["issued"] * 3 and used(working) == 3
    assert [row.certificate.names for row in services.rows_of(batch)] == [
        {"dns": [f"{letter}.example"]} for letter in "abc"
    ]  # type: ignore[union-attr]
    assert Event.objects.get(kind="certificate_batch.done").data["begun"] == 3
    issued = AuditEntry.objects.filter(action="private_certificate.issued")
    assert {entry.actor_name for entry in issued} == {owner.actor.name}
    run(batch, at)
    assert PrivateCertificate.objects.count() == 3, "a wake-up too many issues nothing"


def test_every_fault_is_told_before_anything_begins(owner: Person, working: PrivateCA, at: datetime) -> None:
    text = (
        "template,common_name,dns,csr,days\n"
        "server,,good.example,,\n"
        "server,other.example,a.example bad_name,,\n"
        "none,,a.example,,\n"
        "server,,a.example,MIIB,9999\n"
        "server,,a.example,,9999\n"
        "server,,,,x\n"
    )
    checked = services.check_table(owner.actor, working, text, at=at)
    assert [fault.field for fault in checked.faults] == [
        "rows.3.dns", "rows.4.template", "rows.5.csr", "rows.6.days", "rows.7.dns", "rows.7.days",
    ]  # fmt: skip
    with pytest.raises(InvalidInput) as met:
        start(owner, working, at, text)
    assert met.value.faults == tuple(checked.faults)
    assert not CertificateBatch.objects.exists() and used(working) == 0


def test_a_csr_in_a_row(owner: Person, working: PrivateCA, at: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.SubjectAlternativeName([x509.DNSName("csr.example")])
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(name, False)
    pem = request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    text = io.StringIO()
    csv.writer(text).writerows([["template", "csr"], ["server", pem], ["server", pem.replace("\n", " ")]])
    batch = run(start(owner, working, at, text.getvalue()), at)
    assert states(batch) == ["issued"] * 2
    for row in services.rows_of(batch):
        assert row.certificate is not None and row.certificate.names == {"dns": ["csr.example"]}
        assert row.certificate.key is None


def test_more_rows_than_quota_begin_nothing(owner: Person, working: PrivateCA, at: datetime) -> None:
    PrivateCA.objects.filter(pk=working.pk).update(quota=2)
    working.refresh_from_db()
    assert not services.check_table(owner.actor, working, THREE, at=at).enough_quota
    assert refused("quota_too_small", lambda: start(owner, working, at)).details["quota_left"] == 2
    assert not CertificateBatch.objects.exists()


def test_quota_that_ends_midway_stops_it_and_it_can_be_resumed(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    batch = start(owner, working, at)
    PrivateCA.objects.filter(pk=working.pk).update(quota=1)
    run(batch, at)
    assert (batch.state, batch.code, batch.begun) == ("stopped", "quota_used_up", 1)
    assert states(batch) == ["issued", "waiting", "waiting"] and used(working) == 1
    assert "used up" in Event.objects.get(kind="certificate_batch.stopped").data["reason"]
    PrivateCA.objects.filter(pk=working.pk).update(quota=3)
    batch = services.resume_batch(owner.actor, batch, at=at)
    assert (batch.state, batch.code) == ("running", "")
    run(batch, at)
    assert (batch.state, batch.begun, used(working)) == ("done", 3, 3)
    refused("batch_not_stopped", lambda: services.resume_batch(owner.actor, batch, at=at))


def test_a_row_that_is_good_no_more_is_refused_alone(owner: Person, working: PrivateCA, at: datetime) -> None:
    assert owner.account is not None
    template = make_template(owner.actor, owner.account, name="team", rules=RULES, at=at)
    batch = start(owner, working, at, "template,dns\nteam,a.example\nserver,b.example\n")
    change_template(
        owner.actor, template, rules={**RULES, "dns": {"allowed": True, "domains": ["corp.example"]}}, at=at
    )
    run(batch, at)
    assert (batch.state, batch.begun, batch.refused) == ("done", 1, 1)
    assert states(batch) == ["refused", "issued"]
    row = BatchRow.objects.get(batch=batch, number=2)
    assert row.code == "not_in_template" and "a.example" in row.message


def test_cancelled(owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = start(owner, working, at)
    refused("batch_running", lambda: start(owner, working, at))
    monkeypatch.setattr(batch_running, "ROWS", 1)
    assert batch_running.advance(batch.pk, at)
    batch = services.cancel_batch(owner.actor, batch, at=at)
    assert states(batch) == ["issued", "cancelled", "cancelled"]
    run(batch, at)
    assert (batch.state, used(working)) == ("cancelled", 1)
    refused("batch_ended", lambda: services.cancel_batch(owner.actor, batch, at=at))
    start(owner, working, at)


@pytest.mark.parametrize("where", ["issuing.finish", "issuing.sign", "batch_running.crashpoint"])
def test_killed_anywhere_each_row_has_one_certificate(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    batch = start(owner, working, at)
    with monkeypatch.context() as cut:
        cut.setattr(f"hanaper.apps.private_ca.services.{where}", power_cut)
        with pytest.raises(RuntimeError):
            services.pursue_batch(batch.pk, at, clock.system_now())
    sweep(at, clock.system_now() + timedelta(minutes=2))
    batch.refresh_from_db()
    assert (batch.state, batch.begun) == ("done", 3)
    assert states(batch) == ["issued"] * 3
    assert (PrivateCertificate.objects.count(), used(working)) == (3, 3)


def test_a_row_whose_certificate_was_given_up_is_told_as_failed(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while the key signed: nobody knows whether it did, so the serial number is given up."""

    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    batch = start(owner, working, at)
    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.private_ca.services.issuing.sign", power_cut)
        with pytest.raises(RuntimeError):
            services.pursue_batch(batch.pk, at, clock.system_now())
    run(batch, at)
    assert (batch.state, states(batch)) == ("running", ["issuing", "issued", "issued"]), (
        "it waits for the first"
    )
    Issuance.objects.filter(reference=left(batch).public_id).update(state=IssuanceState.ABANDONED)
    sweep(at, clock.system_now() + timedelta(minutes=2))
    batch.refresh_from_db()
    assert (batch.state, batch.begun, batch.refused, batch.failed) == ("done", 2, 0, 1)
    assert (states(batch), used(working)) == (["failed", "issued", "issued"], 2)
    done = Event.objects.get(kind="certificate_batch.done")
    assert (done.data["begun"], done.data["failed"]) == (2, 1)
    failed, *_ = csv.DictReader(io.StringIO("".join(services.result_csv(batch))))
    assert (failed["state"], failed["code"]) == ("failed", "not_signed")
    assert failed["message"].endswith("put the row into another table.")


def test_what_failed_before_it_was_counted_is_filled_in(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migration 0017: of this batch two rows, and none of another."""
    batch = start(owner, working, at)
    run(batch, at)
    for row in batch.rows.order_by("number")[:2]:
        PrivateCertificate.objects.filter(batch_row=row).update(state="failed")
    other = start(owner, working, at)
    run(other, at)
    before = list(other.rows.order_by("number").values())
    import_module("hanaper.apps.private_ca.migrations.0017_rows_that_failed").fill(apps, None)
    batch.refresh_from_db()
    assert (batch.begun, batch.failed, batch.total) == (1, 2, 3)
    rows = batch.rows.order_by("number").values_list("code", "message")
    assert [code for code, _ in rows] == ["not_signed", "not_signed", ""]
    assert rows[0][1] == rows[1][1] != "" and rows[2][1] == ""
    other.refresh_from_db()
    assert (other.begun, other.failed) == (3, 0)
    assert list(other.rows.order_by("number").values()) == before


def left(batch: CertificateBatch) -> PrivateCertificate:
    return PrivateCertificate.objects.get(batch_row__batch=batch, state="issuing")


def test_two_workers_at_one_row(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one begins it between our look at the row and our claim."""
    batch = start(owner, working, at)
    real, met = batch_running.issue, list[bool]()

    def issue(*arguments: Any, **named: Any) -> PrivateCertificate:
        if not met:
            met.append(True)
            batch_running.advance(batch.pk, at)
        return real(*arguments, **named)

    monkeypatch.setattr(batch_running, "issue", issue)
    run(batch, at)
    assert (batch.state, states(batch), used(working)) == ("done", ["issued"] * 3, 3)
    assert PrivateCertificate.objects.count() == 3


def test_the_result_is_safe_in_a_spreadsheet(owner: Person, working: PrivateCA, at: datetime) -> None:
    text = "template,common_name,organization\nclient,=cmd|calc,Example Ltd\n"
    batch = run(start(owner, working, at, text), at)
    (row,) = csv.DictReader(io.StringIO("".join(services.result_csv(batch))))
    assert (row["row"], row["state"], row["common_name"]) == ("2", "issued", "'=cmd|calc")
    assert row["serial"] == PrivateCertificate.objects.get().serial


def test_its_certificates_in_one_archive(
    owner: Person, reader: Person, working: PrivateCA, at: datetime
) -> None:
    batch = run(start(owner, working, at), at)
    plain = zipfile.ZipFile(services.archive(reader.actor, batch, passphrase=None, at=at))
    names = sorted(plain.namelist())
    assert names[-1] == "result.csv" and [name[:5] for name in names[:-1]] == ["00002", "00003", "00004"]
    assert plain.read(names[0]).count(b"BEGIN CERTIFICATE") == 2
    with pytest.raises(Forbidden):
        services.archive(reader.actor, batch, passphrase=PASSPHRASE, at=at)
    refused("bad_passphrase", lambda: services.archive(owner.actor, batch, passphrase="short", at=at))
    packed = zipfile.ZipFile(services.archive(owner.actor, batch, passphrase=PASSPHRASE, at=at))
    for name in packed.namelist():
        if name.endswith(".key"):
            key = load_pem_private_key(packed.read(name), PASSPHRASE.encode())
            leaf = x509.load_pem_x509_certificate(packed.read(name.replace(".key", ".pem")))
            assert key.public_key() == leaf.public_key()
    assert AuditEntry.objects.filter(action="private_certificate.key_exported").count() == 3


def test_a_reset_takes_batches_along(owner: Person, working: PrivateCA, at: datetime) -> None:
    """R17: all its data."""
    run(start(owner, working, at), at)
    reset(owner, PrivateCA.objects.select_related("authority").get(pk=working.pk), at)
    assert not CertificateBatch.objects.exists() and not BatchRow.objects.exists()


def test_the_wall(owner: Person, reader: Person, stranger: Person, working: PrivateCA, at: datetime) -> None:
    for act in (start, lambda *given: services.check_table(given[0].actor, given[1], THREE, at=given[2])):
        with pytest.raises(Forbidden):
            act(reader, working, at)
    batch = start(owner, working, at)
    assert queries.batch(reader.actor, batch.public_id) == batch
    assert queries.batches(owner.actor, ca=working, state="running").get() == batch
    assert not queries.batches(stranger.actor).exists()
    with pytest.raises(NotFound):
        queries.batch(stranger.actor, batch.public_id)
