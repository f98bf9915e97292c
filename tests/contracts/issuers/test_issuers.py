"""What every issuer must do; and each mischief that the built-in one commits when asked."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hanaper import clock
from hanaper.apps.authority.models import Issuance, IssuanceState
from hanaper.apps.authority.services import publish_crl
from hanaper.apps.authority.services.issuing import SIGNING_LEASE
from hanaper.apps.authority.sweep import sweep
from hanaper.apps.certificates.issuers import (
    IssuerRefused,
    IssuerRequest,
    IssuerTimeout,
    Standing,
    issuer,
)
from hanaper.apps.certificates.issuers import builtin as builtin_module
from hanaper.apps.recovery.services import begin_recovery
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.x509.crl import RevocationReason
from tests.fixtures_authority import listed, names_of, new_spki, published_crl

pytestmark = pytest.mark.django_db

SPKI = new_spki()


@pytest.fixture(params=["builtin"])
def engine(request, issuing):
    return issuer(request.param)


@pytest.fixture
def wanted(at):
    def make(name: str = "shop.example.com", key: str = "key-1") -> IssuerRequest:
        return IssuerRequest(
            key=key,
            reference="yr_1",
            names=names_of(name),
            level=ValidationLevel.DV,
            organisation=None,
            spki=SPKI,
            csr=None,
            not_before=at,
            not_after=at + timedelta(days=90),
        )

    return make


def test_what_is_ordered_is_issued(engine, wanted, at):
    reference = engine.submit(wanted(), at)
    assert engine.poll(reference, at).standing is Standing.ISSUED
    found = engine.fetch(reference, at)
    leaf = x509.load_der_x509_certificate(found.leaf)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["shop.example.com"]
    assert leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == SPKI
    chain = [x509.load_der_x509_certificate(each) for each in found.chain]
    for below, above in zip([leaf, *chain], chain, strict=False):
        below.verify_directly_issued_by(above)
    assert chain[-1].subject == chain[-1].issuer


def test_one_key_is_one_order(engine, wanted, at):
    first, again = engine.submit(wanted(), at), engine.submit(wanted(), at)
    assert first == again
    assert engine.fetch(first, at) == engine.fetch(again, at)
    assert engine.submit(wanted(key="key-2"), at) != first


def test_revoking_twice_is_once(engine, wanted, at, issuing):
    reference = engine.submit(wanted(), at)
    engine.revoke(reference, RevocationReason.SUPERSEDED, at)
    engine.revoke(reference, RevocationReason.KEY_COMPROMISE, at + timedelta(days=1))
    serial = x509.load_der_x509_certificate(engine.fetch(reference, at).leaf).serial_number
    entry = published_crl(issuing).get_revoked_certificate_by_serial_number(serial)
    assert entry.revocation_date_utc == at


def test_an_unknown_order_is_no_answer(engine, at):
    for call in (
        lambda: engine.poll("iss_unknown", at),
        lambda: engine.fetch("iss_unknown", at),
        lambda: engine.revoke("iss_unknown", RevocationReason.SUPERSEDED, at),
    ):
        with pytest.raises(IssuerTimeout):
            call()


def test_in_recovery_the_order_waits(engine, wanted, at):
    begin_recovery(backup_at=at, system_at=at)
    with pytest.raises(IssuerTimeout):
        engine.submit(wanted(), at)


def test_an_order_that_crashed_while_signing_is_issued_anew(engine, wanted, at):
    reference = engine.submit(wanted(), at)
    long_ago = clock.system_now() - SIGNING_LEASE - timedelta(seconds=1)
    Issuance.objects.update(state=IssuanceState.SIGNING, certificate=None, claimed_at=long_ago)
    assert engine.poll(reference, at).standing is Standing.PENDING
    anew = engine.submit(wanted(), at)
    assert anew != reference
    assert engine.poll(anew, at).standing is Standing.ISSUED


def test_mischief_lost_before_it_was_done(engine, wanted, at):
    asked = wanted("issuer-timeout-before.example.test")
    with pytest.raises(IssuerTimeout):
        engine.submit(asked, at)
    assert not Issuance.objects.exists()
    assert engine.poll(engine.submit(asked, at), at).standing is Standing.ISSUED


def test_mischief_done_and_the_answer_lost(engine, wanted, at):
    asked = wanted("issuer-timeout-after.example.test")
    with pytest.raises(IssuerTimeout):
        engine.submit(asked, at)
    done = Issuance.objects.get()
    assert engine.submit(asked, at) == done.public_id
    assert Issuance.objects.count() == 1


def test_mischief_late(engine, wanted, at, monkeypatch):
    reference = engine.submit(wanted("issuer-late.example.test"), at)
    assert engine.poll(reference, at).standing is Standing.PENDING
    later = clock.system_now() + builtin_module.LATE
    monkeypatch.setattr(clock, "system_now", lambda: later)
    assert engine.poll(reference, at).standing is Standing.ISSUED


def test_mischief_refused_for_good(engine, wanted, at):
    for _ in range(2):
        with pytest.raises(IssuerRefused) as caught:
            engine.submit(wanted("issuer-refuse.example.test"), at)
        assert caught.value.code == "issuer_refused"
    assert not Issuance.objects.exists()


def test_mischief_revoked_and_the_answer_lost(engine, wanted, at, issuing):
    reference = engine.submit(wanted("issuer-revoke-timeout.example.test"), at)
    with pytest.raises(IssuerTimeout):
        engine.revoke(reference, RevocationReason.SUPERSEDED, at)
    before = listed(published_crl(issuing))
    assert len(before) == 1
    engine.revoke(reference, RevocationReason.SUPERSEDED, at)
    assert listed(published_crl(issuing)) == before


def test_no_mischief_outside_a_sandbox(engine, wanted, at, settings):
    settings.SANDBOX = False
    for name in ("issuer-refuse", "issuer-timeout-before"):
        assert engine.submit(wanted(f"{name}.example.com", key=name), at)


def test_a_list_that_could_not_be_put_out_follows(engine, wanted, at, issuing, monkeypatch):
    reference = engine.submit(wanted(), at)

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("hanaper.apps.authority.services.publishing.write_atomically", full)
    with pytest.raises(OSError, match="space"):
        publish_crl(issuing, at=at)
    monkeypatch.undo()
    engine.revoke(reference, RevocationReason.SUPERSEDED, at)
    assert sweep(at, clock.system_now()) == 0
    assert len(listed(published_crl(issuing))) == 1
