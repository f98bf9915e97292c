"""OCSP (RFC 6960): who is known, what is kept, who answers, and what is said when nobody can."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from hanaper import clock
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState, KeptAnswer, Responder, StoredKey
from hanaper.apps.authority.services import abandon, answer, end_authority, prepare, release, revoke
from hanaper.apps.authority.services.responders import AHEAD, TERM
from hanaper.apps.authority.services.responding import KEEPS, RENEWED
from hanaper.apps.authority.sweep import ASKED_WITHIN, sweep
from hanaper.apps.recovery.services import begin_recovery, finish_recovery
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.findings import Rulebook, errors
from hanaper.core.x509.full_linting import lint_answer_fully, lint_fully
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.ocsp_requests import IdHash
from tests.apps.authority.test_private_authorities import issued, made
from tests.fixtures_authority import new_spki
from tests.fixtures_ocsp import *  # noqa: F403 - its fixtures
from tests.fixtures_ocsp import asked, question, status_of

pytestmark = pytest.mark.django_db
HOLD = RevocationReason.CERTIFICATE_HOLD
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MALFORMED = ocsp.OCSPResponseStatus.MALFORMED_REQUEST
UNAUTHORIZED = ocsp.OCSPResponseStatus.UNAUTHORIZED
TRY_LATER = ocsp.OCSPResponseStatus.TRY_LATER


@pytest.fixture
def authority(published: Path, at: datetime, no_full_lint: None) -> Authority:
    return made(at, ocsp=True)


def raw(authority: Authority, encoded: bytes, at: datetime) -> ocsp.OCSPResponse:
    found = answer(authority.public_id, encoded, at=at)
    assert found is not None and found.next_update is None
    return ocsp.load_der_ocsp_response(found.der)


def signer_of(response: ocsp.OCSPResponse, authority: Authority) -> x509.Certificate:
    """Whoever signed, having checked that the authority named them and that they signed."""
    (certificate,) = response.certificates
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(authority.certificate or b"")))
    return certificate


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_every_kind_of_authority_names_a_responder_that_signs(
    published: Path, at: datetime, no_full_lint: None, algorithm: KeyAlgorithm
) -> None:
    authority = made(at, algorithm, ocsp=True)
    response = asked(authority, [issued(authority, at).serial], at)
    certificate = signer_of(response, authority)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)
    assert certificate.not_valid_after_utc == at + TERM
    assert (
        certificate.public_key()
        != x509.load_der_x509_certificate(bytes(authority.certificate or b"")).public_key()
    )
    row = Issuance.objects.get(key__startswith="responder:")
    assert (row.state, row.authority) == (IssuanceState.SIGNED, authority)


def test_pkilint_finds_no_error(authority: Authority, at: datetime) -> None:
    issuance = issued(authority, at)
    revoke(issuance, RevocationReason.KEY_COMPROMISE, at=at)
    for more in ({}, {"using": IdHash.SHA256}, {"nonce": b"n" * 32}):
        found = answer(authority.public_id, question(authority, [issuance.serial], **more), at=at)
        assert found is not None and errors(lint_answer_fully(found.der)) == []
    responder = bytes(Responder.objects.get().certificate or b"")
    assert errors(lint_fully(responder, Rulebook.PRIVATE)) == []


@pytest.mark.parametrize("using", IdHash)
def test_good_revoked_held_and_good_again_at_once(authority: Authority, at: datetime, using: IdHash) -> None:
    issuance = issued(authority, at)
    assert status_of(issuance, at, using=using) == "good"
    revoke(issuance, HOLD, at=at + HOUR)
    held = asked(authority, [issuance.serial], at + HOUR, using=using)
    assert (held.certificate_status.name, held.revocation_reason) == (
        "REVOKED",
        x509.ReasonFlags.certificate_hold,
    )
    release(issuance, at=at + 2 * HOUR)
    assert status_of(issuance, at + 2 * HOUR, using=using) == "good"
    revoke(issuance, RevocationReason.KEY_COMPROMISE, at=at + 3 * HOUR)
    gone = asked(authority, [issuance.serial], at + 4 * HOUR, using=using)
    assert gone.revocation_time_utc == at + 3 * HOUR
    assert gone.revocation_reason is x509.ReasonFlags.key_compromise
    assert gone.hash_algorithm.name == using.value


def test_unspecified_is_not_said(authority: Authority, at: datetime) -> None:
    issuance = issued(authority, at)
    revoke(issuance, RevocationReason.UNSPECIFIED, at=at)
    response = asked(authority, [issuance.serial], at)
    assert response.revocation_reason is None and response.certificate_status.name == "REVOKED"


def test_never_issued_and_only_prepared_are_unknown(authority: Authority, at: datetime) -> None:
    contents = LeafContents(to_name(Subject(common_name="x")), (), key_identifier=True)
    waiting = prepare(
        authority, contents, spki=new_spki(), not_before=at, not_after=at + DAY, key="k", reference="r", at=at
    )
    assert status_of(waiting, at) == "unknown"
    assert asked(authority, [12345], at).certificate_status.name == "UNKNOWN"
    assert not KeptAnswer.objects.exists(), "it may be issued any moment"
    Issuance.objects.filter(pk=waiting.pk).update(state=IssuanceState.SIGNING)
    assert status_of(waiting, at) == "unknown"
    abandon(waiting, at=at)
    assert status_of(waiting, at) == "revoked"


def test_several_at_once_in_order(authority: Authority, at: datetime) -> None:
    good, bad = issued(authority, at), issued(authority, at, key="key-2")
    revoke(bad, RevocationReason.SUPERSEDED, at=at)
    response = asked(authority, [bad.serial, 99, good.serial], at)
    assert [one.certificate_status.name for one in response.responses] == ["REVOKED", "UNKNOWN", "GOOD"]
    assert [one.serial_number for one in response.responses] == [
        int(bad.serial, 16),
        99,
        int(good.serial, 16),
    ]


@pytest.mark.parametrize("length", [1, 16, 32, 128])
def test_a_nonce_comes_back_and_nothing_is_kept(authority: Authority, at: datetime, length: int) -> None:
    nonce = bytes(range(1, length + 1))
    response = asked(authority, [issued(authority, at).serial], at, nonce=nonce)
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("length", [0, 129])
def test_a_nonce_too_short_or_too_long_is_malformed(authority: Authority, at: datetime, length: int) -> None:
    assert raw(authority, question(authority, [1], nonce=b"n" * length), at).response_status is MALFORMED


@pytest.mark.parametrize("encoded", [b"", b"x", b"0" * 9000, bytes.fromhex("30053003300100")])
def test_what_is_no_request_is_malformed(authority: Authority, at: datetime, encoded: bytes) -> None:
    assert raw(authority, encoded, at).response_status is MALFORMED


def test_more_than_a_few_and_what_is_critical_are_malformed(authority: Authority, at: datetime) -> None:
    assert raw(authority, question(authority, range(1, 34)), at).response_status is MALFORMED
    unknown = bytes.fromhex("06032a0304")
    assert raw(authority, question(authority, [1], critical=unknown), at).response_status is MALFORMED


def test_about_somebody_elses_it_is_not_for_this_responder_to_say(authority: Authority, at: datetime) -> None:
    assert authority.parent is not None
    encoded = question(authority.parent, [1])
    assert raw(authority, encoded, at).response_status is UNAUTHORIZED
    assert answer("ca_" + "0" * 24, encoded, at=at) is None


def test_signed_once_and_given_to_all(
    authority: Authority, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = question(authority, [issued(authority, at).serial])
    first = answer(authority.public_id, encoded, at=at)
    assert first is not None and first.next_update == at + KEEPS
    with monkeypatch.context() as without:
        without.setattr("hanaper.apps.authority.services.responding.keystore", None)
        again = answer(authority.public_id, encoded, at=at + RENEWED - timedelta(seconds=1))
    assert again == first
    later = answer(authority.public_id, encoded, at=at + RENEWED)
    assert later is not None and later.this_update == at + RENEWED
    assert KeptAnswer.objects.count() == 1


def test_an_answer_that_was_late_with_the_news_is_not_given_out(authority: Authority, at: datetime) -> None:
    """One process reads that it is good, another revokes, the first keeps its answer: nobody gets that."""
    issuance = issued(authority, at)
    assert status_of(issuance, at) == "good"
    stale = KeptAnswer.objects.get()
    revoke(issuance, RevocationReason.SUPERSEDED, at=at)
    assert status_of(issuance, at) == "revoked"
    KeptAnswer.objects.filter(pk=stale.pk).update(revoked_at=None, reason="", der=stale.der)
    assert status_of(issuance, at) == "revoked"


def test_the_sweep_makes_those_anew_that_somebody_asks_for(authority: Authority, at: datetime) -> None:
    several = [issued(authority, at, key=f"key-{turn}") for turn in range(2)]
    for one in several:
        status_of(one, at)
    KeptAnswer.objects.filter(serial=several[1].serial).update(asked_at=at - ASKED_WITHIN)
    sweep(at + RENEWED, clock.system_now())
    kept = {row.serial: row.this_update for row in KeptAnswer.objects.all()}
    assert kept == {several[0].serial: at + RENEWED, several[1].serial: at}
    sweep(at + KEEPS, clock.system_now())
    assert [row.serial for row in KeptAnswer.objects.all()] == [several[0].serial]


def test_that_somebody_asked_is_remembered_to_the_day(authority: Authority, at: datetime) -> None:
    issuance = issued(authority, at)
    status_of(issuance, at)
    KeptAnswer.objects.update(asked_at=at - DAY)
    status_of(issuance, at + HOUR)
    assert KeptAnswer.objects.get().asked_at == at + HOUR


def test_the_responder_is_renewed_ahead_of_time_and_its_key_goes_with_it(
    authority: Authority, at: datetime
) -> None:
    first = Responder.objects.get()
    sweep(at + TERM - AHEAD - HOUR, clock.system_now())
    assert Responder.objects.count() == 1
    renewed_at = at + TERM - AHEAD + HOUR
    sweep(renewed_at, clock.system_now())
    assert Responder.objects.count() == 2
    response = asked(authority, [1], renewed_at)
    assert signer_of(response, authority).not_valid_after_utc == renewed_at + TERM
    sweep(at + TERM + HOUR, clock.system_now())
    assert Responder.objects.count() == 1
    assert not StoredKey.objects.filter(public_id=first.key_id).exists()


def test_who_issues_no_more_answers_on(authority: Authority, at: datetime) -> None:
    issuance = issued(authority, at)
    Authority.objects.filter(pk=authority.pk).update(issuing=False)
    sweep(at + TERM, clock.system_now())
    assert status_of(issuance, at + TERM) == "good"


def test_nobody_to_answer_yet(published: Path, at: datetime, no_full_lint: None) -> None:
    authority = made(at)
    assert raw(authority, question(authority, [1]), at).response_status is UNAUTHORIZED
    Authority.objects.filter(pk=authority.pk).update(ocsp=True)
    assert raw(authority, question(authority, [1]), at).response_status is TRY_LATER
    assert sweep(at, clock.system_now()) == 1
    assert asked(authority, [1], at).certificate_status.name == "UNKNOWN"


def test_what_was_begun_and_given_up_is_begun_anew(
    published: Path, at: datetime, no_full_lint: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = made(at)
    Authority.objects.filter(pk=authority.pk).update(ocsp=True)

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.authority.archive.keep", power_cut)
        sweep(at, clock.system_now())
    begun = Responder.objects.get()
    assert begun.certificate is None and begun.issuance.state == IssuanceState.SIGNING
    for minutes in (2, 4, 6):
        sweep(at, clock.system_now() + timedelta(minutes=minutes))
    assert Responder.objects.get().pk != begun.pk
    assert not StoredKey.objects.filter(public_id=begun.key_id).exists()
    assert asked(authority, [1], at).certificate_status.name == "UNKNOWN"


def test_of_two_at_once_one_makes_the_responder(published: Path, at: datetime, no_full_lint: None) -> None:
    from hanaper.apps.authority.services import responders  # noqa: PLC0415

    authority = made(at)
    Authority.objects.filter(pk=authority.pk).update(ocsp=True)
    keys = StoredKey.objects.count()
    first = responders._begin(authority, at)
    assert first is not None and responders._begin(authority, at) is None
    assert StoredKey.objects.count() == keys + 1


def test_in_recovery_nobody_knows(authority: Authority, at: datetime) -> None:
    issuance = issued(authority, at)
    status_of(issuance, at)
    begin_recovery(backup_at=at, system_at=clock.system_now())
    assert raw(authority, question(authority, [issuance.serial]), at).response_status is TRY_LATER
    finish_recovery(system_at=clock.system_now())
    assert status_of(issuance, at) == "good"


def test_a_keystore_that_is_away(authority: Authority, at: datetime) -> None:
    Responder.objects.update(key_id="prv_lost")
    response = raw(authority, question(authority, [1]), at)
    assert response.response_status is ocsp.OCSPResponseStatus.INTERNAL_ERROR


def test_after_the_end_the_addresses_go_on_saying_revoked(authority: Authority, at: datetime) -> None:
    known, other = issued(authority, at), issued(authority, at, key="key-2")
    revoke(other, RevocationReason.KEY_COMPROMISE, at=at)
    assert status_of(known, at) == "good"
    later = at + DAY
    end_authority(authority, at=later)
    authority.refresh_from_db()
    assert not Responder.objects.exists() and not authority.ocsp
    long_after = later + 30 * DAY
    for using in (IdHash.SHA1, IdHash.SHA256):
        response = asked(authority, [known.serial], long_after, using=using)
        assert response.revocation_reason is x509.ReasonFlags.cessation_of_operation
        assert response.revocation_time_utc == later and response.next_update_utc == known.not_after
        assert not response.certificates, "its authority's own key signed it"
        assert asked(authority, [other.serial], long_after).revocation_time_utc == at
    assert errors(lint_answer_fully(bytes(KeptAnswer.objects.first().der))) == []  # type: ignore[union-attr]
    assert raw(authority, question(authority, [1]), long_after).response_status is UNAUTHORIZED
    encoded = question(authority, [known.serial], nonce=b"n" * 32)
    found = answer(authority.public_id, encoded, at=long_after)
    assert found is not None and found.next_update == known.not_after, "no key is left for a nonce"
    sweep(known.not_after, clock.system_now())
    assert not KeptAnswer.objects.exists()
