"""CRLs: numbers only grow, what is revoked is on the list, and the published file is never missing long."""

from datetime import timedelta

import pytest
from cryptography import x509

from hanaper import clock
from hanaper.apps.authority.models import Authority, RevocationList
from hanaper.apps.authority.services import certificate_file, crl_file, publish_crl, revoke
from hanaper.apps.authority.services.publishing import EVERY, KEPT, put_out
from hanaper.apps.authority.sweep import sweep
from hanaper.core.x509.crl import RevocationReason
from tests.fixtures_authority import crl_number, issued, listed, openssl_verify, published_crl

pytestmark = pytest.mark.django_db
VALIDITY = timedelta(days=7)


def test_openssl_refuses_what_is_on_the_published_list(issuing, at, tmp_path):
    good, bad = issued(issuing, at), issued(issuing, at, key="key-2")
    revoke(bad, RevocationReason.KEY_COMPROMISE, at=at)
    publish_crl(issuing, at=at)
    assert openssl_verify(good, at, tmp_path, "-crl_check").passed
    verdict = openssl_verify(bad, at, tmp_path, "-crl_check")
    assert not verdict.passed
    assert "certificate revoked" in verdict.said


def test_numbers_grow_and_name_what_is_revoked(issuing, at):
    numbers, serials = [crl_number(published_crl(issuing))], set()
    for turn in range(3):
        issuance = issued(issuing, at, key=f"key-{turn}")
        revoke(issuance, RevocationReason.SUPERSEDED, at=at)
        publish_crl(issuing, at=at)
        serials.add(int(issuance.serial, 16))
        numbers.append(crl_number(published_crl(issuing)))
        assert listed(published_crl(issuing)) == serials
    assert numbers == [1, 2, 3, 4]


def test_an_entry_has_time_and_reason(issuing, at):
    issuance = issued(issuing, at)
    revoke(issuance, RevocationReason.KEY_COMPROMISE, at=at)
    publish_crl(issuing, at=at)
    entry = published_crl(issuing).get_revoked_certificate_by_serial_number(int(issuance.serial, 16))
    assert entry.revocation_date_utc == at
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.name == "key_compromise"


def test_unspecified_is_not_written(issuing, at):
    issuance = issued(issuing, at)
    revoke(issuance, RevocationReason.UNSPECIFIED, at=at)
    publish_crl(issuing, at=at)
    # RFC 5280 5.3.1: the reason SHOULD be absent instead.
    assert not next(iter(published_crl(issuing))).extensions


def test_revoked_once(issuing, at):
    issuance = issued(issuing, at)
    revoke(issuance, RevocationReason.SUPERSEDED, at=at)
    assert not revoke(issuance, RevocationReason.CESSATION_OF_OPERATION, at=at + timedelta(days=1))
    assert (issuance.revoked_at, issuance.reason) == (at, RevocationReason.SUPERSEDED)
    assert revoke(issuance, RevocationReason.KEY_COMPROMISE, at=at + timedelta(days=1))
    assert (issuance.revoked_at, issuance.reason) == (at, RevocationReason.KEY_COMPROMISE)


def test_a_revocation_is_published_by_the_sweep_if_nobody_else_does(issuing, at):
    issuance = issued(issuing, at)
    revoke(issuance, RevocationReason.SUPERSEDED, at=at)
    assert sweep(at, clock.system_now()) == 1
    assert int(issuance.serial, 16) in listed(published_crl(issuing))
    assert sweep(at, clock.system_now()) == 0


def test_a_list_is_renewed_every_day(issuing, at):
    assert sweep(at + EVERY - timedelta(seconds=1), clock.system_now()) == 0
    assert sweep(at + EVERY, clock.system_now()) == 2  # of root and issuing
    crl = published_crl(issuing)
    assert crl.last_update_utc == at + EVERY
    assert crl.next_update_utc == at + EVERY + VALIDITY


def test_what_has_expired_leaves_the_list_only_after_it_was_on_one_past_its_end(issuing, at):
    issuance = issued(issuing, at)
    revoke(issuance, RevocationReason.SUPERSEDED, at=issuance.not_after - timedelta(hours=1))
    publish_crl(issuing, at=issuance.not_after + timedelta(hours=1))
    # RFC 5280 3.3: an entry stays until one scheduled CRL beyond the validity period has it.
    assert int(issuance.serial, 16) in listed(published_crl(issuing))
    publish_crl(issuing, at=issuance.not_after + timedelta(days=30))
    assert listed(published_crl(issuing)) == set()


@pytest.mark.parametrize("file_of", [crl_file, certificate_file])
def test_a_missing_or_damaged_file_is_written_again(issuing, at, file_of):
    path = file_of(issuing)
    whole = path.read_bytes()
    path.unlink()
    assert sweep(at, clock.system_now()) == 1
    assert path.read_bytes() == whole
    path.write_bytes(b"\0" * len(whole))
    assert sweep(at, clock.system_now()) == 1
    assert path.read_bytes() == whole
    assert sweep(at, clock.system_now()) == 0


def test_old_lists_are_not_kept_for_ever(issuing, at):
    for _ in range(KEPT + 3):
        publish_crl(issuing, at=at)
    kept = RevocationList.objects.filter(authority=issuing).values_list("number", flat=True)
    assert sorted(kept) == list(range(5, KEPT + 5))


def test_an_authority_that_has_ended_publishes_no_more(issuing, at):
    after = Authority.objects.get(role="builtin-issuing").not_after + timedelta(days=1)
    issuing.refresh_from_db()
    number = issuing.crl_number
    sweep(after, clock.system_now())
    issuing.refresh_from_db()
    assert issuing.crl_number == number


def test_an_authority_that_cannot_sign_holds_up_no_other(issuing, at, monkeypatch):
    root = issuing.parent
    before = {one.pk: crl_number(published_crl(one)) for one in (root, issuing)}
    Authority.objects.filter(pk=root.pk).update(crl_due_at=at - timedelta(hours=1), key_id="lost")
    Authority.objects.filter(pk=issuing.pk).update(crl_due_at=at)
    certificate_file(issuing).unlink()
    assert sweep(at, clock.system_now()) == 2
    assert crl_number(published_crl(issuing)) == before[issuing.pk] + 1
    assert crl_number(published_crl(root)) == before[root.pk]
    assert certificate_file(issuing).exists()


def test_who_puts_an_older_list_out_puts_out_the_newest(issuing, at):
    older, newer = publish_crl(issuing, at=at), publish_crl(issuing, at=at)
    put_out(older)
    assert crl_number(published_crl(issuing)) == newer.number
