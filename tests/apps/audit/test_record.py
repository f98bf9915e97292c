"""What is recorded, and that nothing changes it afterwards."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.audit.services import record, seal_pending
from hanaper.apps.audit.vocabulary import AuditAction

pytestmark = pytest.mark.django_db


def test_the_run_has_a_data_folder_of_its_own():
    assert "hanaper-tests-" in str(settings.DATA)


def test_an_entry_says_who_what_when_and_from_where(owner, at):
    actor = owner.from_address("192.0.2.7").actor
    entry = record(
        actor, AuditAction.ACCOUNT_RENAMED, "acc_x", at=at, before={"name": "a"}, after={"name": "b"}
    )
    entry = AuditEntry.objects.get(pk=entry.pk)
    assert entry.at == at and entry.system_at > at
    assert (entry.actor_kind, entry.actor_name, entry.user) == ("customer", "owner@example.com", owner.user)
    assert (entry.address, entry.access_key) == ("192.0.2.7", owner.access_key.public_id)
    assert entry.account == owner.account
    assert (entry.before, entry.after) == ({"name": "a"}, {"name": "b"})


def test_a_word_outside_the_vocabulary_is_a_fault_of_ours(owner, at):
    with pytest.raises(ValueError):
        record(owner.actor, "account.exploded", "acc_x", at=at)


def test_secrets_never_reach_the_log(owner, at):
    pem = "-----BEGIN EC PRIVATE KEY-----\nabc"
    after = {
        "name": "k",
        "secret": "s3cr3t",
        "nested": [{"client_secret": "s3cr3t"}],
        "pem": pem,
        "password": "",
    }
    record(owner.actor, AuditAction.ACCESS_KEY_CREATED, "key_x", at=at, after=after)
    kept = AuditEntry.objects.order_by("-pk").first().after
    assert kept["name"] == "k"
    assert "s3cr3t" not in str(kept) and "PRIVATE" not in str(kept)


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditseal"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_log(owner, at, table, sql):
    seal_pending()
    column = "action" if table == "audit_auditentry" else "hash"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table, column))
