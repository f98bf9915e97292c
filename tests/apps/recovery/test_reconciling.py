"""After an older backup: numbers, revocations and serials follow what was published."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Issuance, IssuanceState, RevocationList
from hanaper.apps.authority.queries import recovered
from hanaper.apps.authority.recovery import reconcile
from hanaper.apps.authority.services import crl_file, publish_crl, revoke, revoke_recovered, sign
from hanaper.apps.authority.sweep import sweep
from hanaper.core.errors import NotFound, Refusal
from hanaper.core.x509.crl import RevocationReason
from tests.fixtures_authority import crl_number, issued, listed, prepared, published_crl
from tests.people import SETUP

pytestmark = pytest.mark.django_db


def archived(authority, issuance) -> Path:
    folder = Path(settings.DATA) / "issued" / authority.public_id
    return folder / issuance.serial[:2] / f"{issuance.serial}.cer"


@pytest.fixture
def restored(issuing, at):
    """Two were revoked since the backup: one that it knows, one of which there is nothing but the list."""
    known, unknown = issued(issuing, at), issued(issuing, at, key="key-2")
    for issuance in (known, unknown):
        revoke(issuance, RevocationReason.KEY_COMPROMISE, at=at)
        publish_crl(issuing, at=at)
    RevocationList.objects.filter(authority=issuing, number__gt=1).delete()
    issuing.refresh_from_db()
    issuing.crl_number = 1
    issuing.save()
    Issuance.objects.filter(pk=known.pk).update(revoked_at=None, reason="")
    Issuance.objects.filter(pk=unknown.pk).delete()
    archived(issuing, unknown).unlink()
    return known, unknown


def test_numbers_go_on_above_the_published_list(restored, issuing, at):
    before = crl_number(published_crl(issuing))
    reconcile(at)
    sweep(at, clock.system_now())
    assert crl_number(published_crl(issuing)) > before


def test_what_was_revoked_stays_revoked(restored, issuing, at):
    known, unknown = restored
    found = reconcile(at)
    assert (found.lost_revocations, found.unknown_serials) == (1, 1)
    known.refresh_from_db()
    assert (known.revoked_at, known.reason) == (at, RevocationReason.KEY_COMPROMISE)
    sweep(at, clock.system_now())
    assert listed(published_crl(issuing)) == {int(one.serial, 16) for one in (known, unknown)}


def test_twice_is_once(restored, issuing, at):
    reconcile(at)
    again = reconcile(at)
    assert (again.lost_revocations, again.unknown_serials, again.given_up) == (0, 0, 0)


def test_what_may_have_been_signed_since_is_given_up(issuing, at):
    stored = prepared(issuing, at)
    assert reconcile(at).given_up == 1
    stored.refresh_from_db()
    assert stored.state == IssuanceState.ABANDONED
    with pytest.raises(Refusal):
        sign(stored)
    sweep(at, clock.system_now())
    assert int(stored.serial, 16) in listed(published_crl(issuing))
    assert issued(issuing, at).serial != stored.serial


@pytest.fixture
def signed_since(issuing, at):
    """Signed since the backup: it is in the archive, and the database does not know of it."""
    issuance = issued(issuing, at)
    Issuance.objects.filter(pk=issuance.pk).delete()
    return issuance


def test_what_was_signed_since_is_known_again(signed_since, issuing, at):
    assert [reconcile(at).unknown_certificates for _ in range(2)] == [1, 0]
    (found,) = recovered(issuing, at)
    assert (found.serial, found.state, found.reference) == (signed_since.serial, IssuanceState.SIGNED, "")
    assert bytes(found.certificate) == bytes(signed_since.certificate)
    sweep(at, clock.system_now())
    assert int(found.serial, 16) not in listed(published_crl(issuing))


def test_and_can_be_revoked_as_nothing_else_can(signed_since, issuing, at):
    reconcile(at)
    mine = issued(issuing, at, key="key-2")
    with pytest.raises(NotFound):
        revoke_recovered(SETUP, issuing, mine.serial, RevocationReason.SUPERSEDED, at=at)
    revoke_recovered(SETUP, issuing, signed_since.serial.lower(), RevocationReason.KEY_COMPROMISE, at=at)
    sweep(at, clock.system_now())
    assert listed(published_crl(issuing)) == {int(signed_since.serial, 16)}
    assert recovered(issuing, at) == []
    assert AuditEntry.objects.filter(action="issuance.revoked").count() == 1


def test_revoked_since_it_was_signed_since(signed_since, issuing, at):
    Issuance.objects.bulk_create([signed_since])
    revoke(signed_since, RevocationReason.KEY_COMPROMISE, at=at)
    publish_crl(issuing, at=at)
    Issuance.objects.filter(serial=signed_since.serial).delete()
    found = reconcile(at)
    assert (found.unknown_certificates, found.lost_revocations, found.unknown_serials) == (1, 1, 0)
    assert recovered(issuing, at) == []


@pytest.mark.parametrize("content", [b"", b"no certificate", "of another"])
def test_an_archive_of_somebody_else_is_not_believed(content, signed_since, issuing, at):
    archived(issuing, signed_since).write_bytes(
        bytes(issuing.certificate) if content == "of another" else content
    )
    assert reconcile(at).unknown_certificates == 0


def test_a_list_of_somebody_else_is_not_believed(issuing, at):
    crl_file(issuing).write_bytes(crl_file(issuing.parent).read_bytes())
    assert reconcile(at).unknown_serials == 0
    crl_file(issuing).write_bytes(b"no list")
    reconcile(at)
    crl_file(issuing).unlink()
    reconcile(at + timedelta(days=1))
    sweep(at + timedelta(days=1), clock.system_now())
    assert crl_number(published_crl(issuing)) > 1
