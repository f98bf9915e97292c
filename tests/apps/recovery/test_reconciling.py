"""After an older backup: numbers, revocations and serials follow what was published."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.models import Issuance, IssuanceState, RevocationList
from hanaper.apps.authority.recovery import reconcile
from hanaper.apps.authority.services import crl_file, publish_crl, revoke, sign
from hanaper.apps.authority.sweep import sweep
from hanaper.core.errors import Refusal
from hanaper.core.x509.crl import RevocationReason
from tests.fixtures_authority import crl_number, issued, listed, prepared, published_crl

pytestmark = pytest.mark.django_db


@pytest.fixture
def restored(issuing, at):
    """Two were revoked since the backup: one that it knows, one that it does not."""
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


def test_a_list_of_somebody_else_is_not_believed(issuing, at):
    crl_file(issuing).write_bytes(crl_file(issuing.parent).read_bytes())
    assert reconcile(at).unknown_serials == 0
    crl_file(issuing).write_bytes(b"no list")
    reconcile(at)
    crl_file(issuing).unlink()
    reconcile(at + timedelta(days=1))
    sweep(at + timedelta(days=1), clock.system_now())
    assert crl_number(published_crl(issuing)) > 1
