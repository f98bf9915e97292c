"""The chain: sealed once, broken by any change, and by a cut tail for whoever kept a head."""

import json
import threading

import pytest
from django.db import connection

from hanaper.apps.audit import chain, export
from hanaper.apps.audit.models import AuditEntry, AuditSeal
from hanaper.apps.audit.services import record, seal_pending
from hanaper.apps.audit.verification import verify
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.core.errors import InvalidInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(owner, at):
    for number in range(5):
        record(owner.actor, AuditAction.ACCOUNT_RENAMED, f"acc_{number}", at=at, after={"name": f"ü{number}"})
    seal_pending()
    return list(AuditEntry.objects.order_by("pk"))


def tamper(sql: str, *parameters: object) -> None:
    """Write past the triggers, as somebody with the database in their hands could."""
    with connection.cursor() as cursor:
        for table in ("audit_auditentry", "audit_auditseal"):
            for verb in ("update", "delete"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")
        cursor.execute(sql, parameters)


def test_every_entry_is_sealed_once(log):
    assert AuditSeal.objects.count() == len(log)
    assert seal_pending() == 0
    report = verify()
    assert report.sound and report.sealed == len(log) and report.unsealed == 0


def test_entries_of_one_sweep_are_sealed_in_batches(owner, at, monkeypatch):
    monkeypatch.setattr("hanaper.apps.audit.services.BATCH", 2)
    for number in range(5):
        record(owner.actor, AuditAction.ACCOUNT_RENAMED, f"acc_{number}", at=at)
    assert seal_pending() == AuditEntry.objects.count()
    assert verify().sound


def test_the_unsealed_tail_is_reported_not_broken(log, owner, at):
    record(owner.actor, AuditAction.ACCOUNT_RENAMED, "acc_late", at=at)
    report = verify()
    assert report.sound and report.unsealed == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_auditentry SET action = 'account.created' WHERE id = %s",
        "UPDATE audit_auditentry SET at = '2020-01-01 00:00:00' WHERE id = %s",
        "UPDATE audit_auditentry SET user_id = NULL WHERE id = %s",
        'UPDATE audit_auditentry SET after = \'{"name": "x"}\' WHERE id = %s',
        "UPDATE audit_auditentry SET address = '192.0.2.1' WHERE id = %s",
        "UPDATE audit_auditseal SET hash = 'beef' WHERE entry_id = %s",
    ],
)
def test_a_changed_row_breaks_the_chain_where_it_was_changed(log, change):
    position = log[3].seal.position
    tamper(change, log[3].pk)
    report = verify()
    assert not report.sound
    assert report.breaks[0].position == position


def test_a_removed_link_in_the_middle_is_seen(log):
    tamper("DELETE FROM audit_auditseal WHERE entry_id = %s", log[3].pk)
    report = verify()
    assert "missing" in report.breaks[0].fault and report.unsealed == 1


def test_a_cut_tail_is_seen_by_whoever_kept_a_head(log):
    head = verify().head
    tamper("DELETE FROM audit_auditseal WHERE entry_id = %s", log[-1].pk)
    tamper("DELETE FROM audit_auditentry WHERE id = %s", log[-1].pk)
    assert verify().sound  # nothing inside the database can tell
    report = verify(head)
    assert not report.sound and "ends before" in report.breaks[0].fault


def test_an_old_head_still_holds_after_the_log_grew(log, owner, at):
    head = verify().head
    record(owner.actor, AuditAction.ACCOUNT_RENAMED, "acc_later", at=at)
    seal_pending()
    assert verify(head).sound


def test_a_chain_computed_anew_is_seen_by_whoever_kept_a_head(log):
    head = verify().head
    tamper("UPDATE audit_auditentry SET target = 'acc_forged' WHERE id = %s", log[2].pk)
    tamper("DELETE FROM audit_auditseal")
    seal_pending(whole=True)
    assert verify().sound
    report = verify(head)
    assert not report.sound and "not the one" in report.breaks[0].fault


@pytest.mark.parametrize("head", ["", "7", "x:" + "0" * 64, "0:" + "0" * 64, "1:abc"])
def test_a_head_of_another_form_is_refused(head):
    with pytest.raises(InvalidInput):
        verify(head)


def test_an_export_can_be_verified_without_us(log):
    previous = chain.GENESIS
    for line in export.json_lines(AuditEntry.objects.select_related("account", "user", "seal")):
        content = json.loads(line)
        seal = content.pop("seal")
        body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        import hashlib  # noqa: PLC0415 - all that a stranger needs

        previous = hashlib.sha256(f"{previous}\n{seal['position']}\n{body}".encode()).hexdigest()
        assert previous == seal["hash"]


def test_a_spreadsheet_runs_nothing(owner, at):
    record(owner.actor, AuditAction.ACCOUNT_RENAMED, "=1+1", at=at)
    lines = list(export.csv_lines(AuditEntry.objects.select_related("account", "user", "seal")))
    assert lines[0].startswith("position,hash,id") and "'=1+1" in lines[-1]


def test_a_crash_while_sealing_loses_and_repeats_nothing(log, owner, at, monkeypatch):
    record(owner.actor, AuditAction.ACCOUNT_RENAMED, "acc_late", at=at)
    for seam, sealed in (("audit.seal.before_commit", 0), ("audit.seal.after_commit", 1)):

        def die(name, seam=seam):
            if name == seam:
                raise KeyboardInterrupt

        monkeypatch.setattr("hanaper.apps.audit.services.crashpoint", die)
        with pytest.raises(KeyboardInterrupt):
            seal_pending()
        assert AuditSeal.objects.filter(entry__target="acc_late").count() == sealed
        monkeypatch.undo()
    assert seal_pending() == 0 and verify().sound


def test_a_sealer_that_comes_second_leaves_everything_as_it_was(owner, at, monkeypatch):
    record(owner.actor, AuditAction.ACCOUNT_RENAMED, "acc_x", at=at)
    monkeypatch.setattr(AuditSeal.objects, "bulk_create", _slower_than_another(AuditSeal.objects.bulk_create))
    assert seal_pending() == 0  # the other was faster
    assert not AuditSeal.objects.exists()
    monkeypatch.undo()
    seal_pending()
    assert verify().sound and verify().unsealed == 0


def _slower_than_another(real):
    def bulk_create(seals):
        real(seals)  # somebody else's, at the same positions
        return real(
            [AuditSeal(position=s.position, entry=s.entry, hash=s.hash, sealed_at=s.sealed_at) for s in seals]
        )

    return bulk_create


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_sealers_beside_many_writers(owner, at):
    def write(number):
        for turn in range(10):
            record(owner.actor, AuditAction.ACCOUNT_RENAMED, f"acc_{number}_{turn}", at=at)
        connection.close()

    def seal():
        for _ in range(10):
            seal_pending()
        connection.close()

    work = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    work += [threading.Thread(target=seal) for _ in range(3)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    seal_pending()
    report = verify()
    assert report.sound and report.unsealed == 0 and report.sealed == AuditEntry.objects.count()
