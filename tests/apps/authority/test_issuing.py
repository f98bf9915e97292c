"""Prepare, then sign, once; and a claim that nobody finished is given up (docs/adr/0003)."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.keystores import database
from hanaper.apps.authority.models import Issuance, IssuanceState
from hanaper.apps.authority.services import abandon, prepare, revoke, sign
from hanaper.apps.authority.services.issuing import SIGNING_LEASE
from hanaper.apps.authority.sweep import sweep
from hanaper.core.certificate.profiles import ValidationLevel, leaf_contents
from hanaper.core.errors import Refusal
from hanaper.core.x509.certificates import WrongSignature
from hanaper.core.x509.crl import RevocationReason
from tests.fixtures_authority import (
    issued,
    listed,
    names_of,
    new_spki,
    openssl_verify,
    prepared,
    published_crl,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def signatures(monkeypatch):
    """Counts the signatures that the keystore makes of leaves; may be told to fail."""
    made: list[bytes] = []
    original = database.DatabaseKeystore.sign

    def counted(self, key_id, algorithm, tbs):
        made.append(tbs)
        return original(self, key_id, algorithm, tbs)

    monkeypatch.setattr(database.DatabaseKeystore, "sign", counted)
    return made


def test_openssl_accepts_what_is_issued(issuing, at, tmp_path):
    verdict = openssl_verify(issued(issuing, at), at, tmp_path, "-crl_check_all")
    assert verdict.passed, verdict.said
    assert not openssl_verify(Issuance.objects.get(), at + timedelta(days=91), tmp_path).passed


def test_it_is_stored_before_it_is_signed(issuing, at, signatures):
    issuance = prepared(issuing, at)
    assert signatures == []
    stored = Issuance.objects.get()
    assert (stored.state, stored.certificate) == (IssuanceState.PREPARED, None)
    assert bytes(stored.tbs) and stored.serial == issuance.serial
    sign(stored)
    assert signatures == [bytes(stored.tbs)]
    assert bytes(stored.tbs) in bytes(stored.certificate)


def test_one_key_is_one_certificate(issuing, at, signatures):
    first = issued(issuing, at)
    again = prepared(issuing, at, name="other.example.com")
    assert again == first
    assert bytes(sign(again).certificate) == bytes(first.certificate)
    assert len(signatures) == 1
    assert issued(issuing, at, key="key-2") != first


def test_a_stale_copy_signs_nothing_twice(issuing, at, signatures):
    one = prepared(issuing, at)
    copy = Issuance.objects.get(pk=one.pk)
    assert bytes(sign(one).certificate) == bytes(sign(copy).certificate)
    assert len(signatures) == 1


def test_while_it_is_being_signed_nobody_else_may(issuing, at, signatures):
    issuance = prepared(issuing, at)
    Issuance.objects.update(state=IssuanceState.SIGNING, claimed_at=clock.system_now())
    with pytest.raises(Refusal) as caught:
        sign(issuance)
    assert caught.value.code == "signing_elsewhere"
    assert prepared(issuing, at).state == IssuanceState.SIGNING
    assert signatures == []


def crashed(issuing, at) -> Issuance:
    """One that a process claimed and never finished, long ago."""
    issuance = prepared(issuing, at)
    claimed_at = clock.system_now() - SIGNING_LEASE - timedelta(seconds=1)
    Issuance.objects.filter(pk=issuance.pk).update(state=IssuanceState.SIGNING, claimed_at=claimed_at)
    return Issuance.objects.get(pk=issuance.pk)


def test_a_claim_that_nobody_finished_is_given_up_and_listed(issuing):
    issuance = crashed(issuing, clock.now())
    assert sweep(clock.now(), clock.system_now()) > 0
    issuance.refresh_from_db()
    assert issuance.state == IssuanceState.ABANDONED
    assert int(issuance.serial, 16) in listed(published_crl(issuing))
    assert issuance.certificate is None


def test_a_fresh_claim_is_left_alone(issuing, at):
    issuance = prepared(issuing, at)
    Issuance.objects.update(state=IssuanceState.SIGNING, claimed_at=clock.system_now())
    sweep(clock.now(), clock.system_now())
    issuance.refresh_from_db()
    assert issuance.state == IssuanceState.SIGNING


def test_what_was_given_up_is_issued_anew_with_another_serial(issuing):
    at = clock.now()
    given_up = crashed(issuing, at)
    anew = issued(issuing, at)
    given_up.refresh_from_db()
    assert given_up.state == IssuanceState.ABANDONED
    assert anew.key == given_up.key
    assert anew.serial != given_up.serial
    sweep(clock.now(), clock.system_now())
    assert int(given_up.serial, 16) in listed(published_crl(issuing))
    assert int(anew.serial, 16) not in listed(published_crl(issuing))


def test_a_signer_that_was_given_up_meanwhile_gets_nothing(issuing, at, monkeypatch):
    issuance = prepared(issuing, at)
    original = database.DatabaseKeystore.sign

    def slow(self, key_id, algorithm, tbs):
        assert abandon(Issuance.objects.get(pk=issuance.pk), at=at)
        return original(self, key_id, algorithm, tbs)

    monkeypatch.setattr(database.DatabaseKeystore, "sign", slow)
    with pytest.raises(Refusal) as caught:
        sign(issuance)
    assert caught.value.code == "signing_elsewhere"
    stored = Issuance.objects.get()
    assert (stored.state, stored.certificate) == (IssuanceState.ABANDONED, None)


def test_a_wrong_signature_is_never_given_out(issuing, at, monkeypatch):
    issuance = prepared(issuing, at)
    original = database.DatabaseKeystore.sign
    monkeypatch.setattr(
        database.DatabaseKeystore,
        "sign",
        lambda self, key_id, algorithm, tbs: original(self, key_id, algorithm, tbs + b"x"),
    )
    with pytest.raises(WrongSignature):
        sign(issuance)
    assert Issuance.objects.get().state == IssuanceState.ABANDONED


def test_what_was_revoked_before_it_was_signed_is_not_signed(issuing, at, signatures):
    issuance = prepared(issuing, at)
    revoke(issuance, RevocationReason.SUPERSEDED, at=at)
    with pytest.raises(Refusal):
        sign(issuance)
    assert signatures == []


def test_a_lint_error_stores_nothing(issuing, at):
    with pytest.raises(Refusal) as caught:
        prepare(
            issuing,
            leaf_contents(ValidationLevel.DV, names_of("shop.example.com"), None),
            spki=new_spki(),
            not_before=at,
            not_after=at + timedelta(days=1000),  # BR 6.3.2
            key="key-1",
            reference="yr_1",
            at=at,
        )
    assert caught.value.code == "lint_failed"
    assert not Issuance.objects.exists()


def test_the_linter_is_asked_once_a_shape(issuing, at, monkeypatch):
    asked = []
    monkeypatch.setattr("hanaper.apps.authority.linting.lint_apart", lambda *given: asked.append(given) or [])
    issued(issuing, at)
    issued(issuing, at, key="key-2", name="www.example.org")
    assert len(asked) == 1
