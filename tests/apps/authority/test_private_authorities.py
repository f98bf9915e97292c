"""Authorities of private CAs: every kind of key, lists in shards, hold and release, and their end."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority import archive
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.models import Authority, Issuance, StoredKey, Tombstone
from hanaper.apps.authority.services import (
    AuthorityDraft,
    come_out,
    crl_file,
    end_authority,
    ending,
    make_authority,
    prepare,
    publish_crl,
    publishing,
    release,
    revoke,
    sign,
)
from hanaper.apps.authority.sweep import sweep
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject, to_name
from tests.fixtures_authority import listed, new_spki, openssl_verify
from tests.fixtures_ocsp import status_of

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)
_DER = Encoding.DER
HOLD = RevocationReason.CERTIFICATE_HOLD


def made(at: datetime, algorithm: KeyAlgorithm = KeyAlgorithm.EC_P256, **choices: Any) -> Authority:
    """An intermediate under a root of the same kind, both published."""
    root, below = (
        AuthorityDraft(
            name=name,
            subject=Subject(organization="Example", common_name=name),
            algorithm=algorithm,
            not_after=at + years * YEAR,
            **more,
        )
        for name, years, more in (("Root", 10, {}), ("Issuing", 5, {"path_length": 0, **choices}))
    )
    with transaction.atomic():
        authority = make_authority(below, make_authority(root, None, at=at), at=at)
    for one in (authority.parent, authority):
        assert one is not None
        come_out(one, at=at)
        one.refresh_from_db()
    return authority


def issued(authority: Authority, at: datetime, key: str = "key-1") -> Issuance:
    contents = LeafContents(
        subject=to_name(Subject(common_name="db.corp.example")),
        alternative_names=(x509.DNSName("db.corp.example"),),
        key_identifier=True,
    )
    issuance = prepare(
        authority,
        contents,
        spki=new_spki(),
        not_before=at,
        not_after=at + timedelta(days=90),
        key=key,
        reference="pct_1",
        at=at,
    )
    return sign(issuance)


def crl(authority: Authority, shard: int | None = None) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(crl_file(authority, shard).read_bytes())


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_openssl_accepts_a_chain_of_every_kind_of_key(
    published: Path, at: datetime, tmp_path: Path, algorithm: KeyAlgorithm
) -> None:
    if algorithm.value.startswith("ml-dsa"):
        pytest.skip("Debian's openssl knows no ML-DSA; cryptography verifies these in tests/core/x509")
    authority = made(at, algorithm)
    good, bad = issued(authority, at), issued(authority, at, key="key-2")
    revoke(bad, RevocationReason.KEY_COMPROMISE, at=at)
    publish_crl(authority, at=at)
    assert openssl_verify(good, at, tmp_path, "-crl_check_all").passed
    assert "certificate revoked" in openssl_verify(bad, at, tmp_path, "-crl_check_all").said


@pytest.mark.parametrize(
    "algorithm", [KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_65, KeyAlgorithm.ML_DSA_87]
)
def test_post_quantum_chains_verify(published: Path, at: datetime, algorithm: KeyAlgorithm) -> None:
    authority = made(at, algorithm)
    leaf = x509.load_der_x509_certificate(bytes(issued(authority, at).certificate or b""))
    leaf.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(authority.certificate or b"")))
    assert crl(authority).is_signature_valid(
        x509.load_der_x509_certificate(bytes(authority.certificate or b"")).public_key()  # type: ignore[arg-type]
    )


def test_certificates_name_the_shard_that_lists_them(published: Path, at: datetime) -> None:
    authority = made(at, shards=4, ocsp=True)
    for turn in range(12):
        issuance = issued(authority, at, key=f"key-{turn}")
        certificate = x509.load_der_x509_certificate(bytes(issuance.certificate or b""))
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        shard = int(issuance.serial, 16) % 4
        assert points[0].full_name[0].value.endswith(f"/crl/{authority.public_id}-{shard}.crl")
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert [one.access_location.value.split("/")[3] for one in access] == ["ocsp", "ca"]
        revoke(issuance, RevocationReason.SUPERSEDED, at=at + timedelta(minutes=turn))
        publish_crl(authority, at=at + timedelta(minutes=turn))
        assert int(issuance.serial, 16) in listed(crl(authority, shard))
    parts = [listed(crl(authority, shard)) for shard in range(4)]
    assert set().union(*parts) == listed(crl(authority)) and sum(map(len, parts)) == 12
    for shard in range(4):
        point = crl(authority, shard).extensions.get_extension_for_class(x509.IssuingDistributionPoint)
        assert point.value.full_name[0].value.endswith(f"-{shard}.crl")


def test_only_the_shard_that_changed_is_signed_anew(published: Path, at: datetime) -> None:
    authority = made(at, shards=4)
    before = [crl(authority, shard).public_bytes(_DER) for shard in range(4)]
    issuance = issued(authority, at)
    revoke(issuance, RevocationReason.SUPERSEDED, at=at + timedelta(minutes=1))
    publish_crl(authority, at=at + timedelta(minutes=1))
    changed = [crl(authority, shard).public_bytes(_DER) != before[shard] for shard in range(4)]
    assert changed.index(True) == int(issuance.serial, 16) % 4 and sum(changed) == 1
    publish_crl(authority, at=at + timedelta(days=1, minutes=1))
    assert all(crl(authority, n).last_update_utc == at + timedelta(days=1, minutes=1) for n in range(4))


def test_a_hold_is_released_and_nothing_else_is(published: Path, at: datetime) -> None:
    authority = made(at, shards=2)
    held, gone = issued(authority, at), issued(authority, at, key="key-2")
    revoke(held, HOLD, at=at)
    revoke(gone, RevocationReason.SUPERSEDED, at=at)
    publish_crl(authority, at=at)
    assert listed(crl(authority)) == {int(one.serial, 16) for one in (held, gone)}
    assert release(held, at=at) and not release(gone, at=at)
    publish_crl(authority, at=at)
    assert listed(crl(authority)) == {int(gone.serial, 16)}
    assert int(held.serial, 16) not in listed(crl(authority, int(held.serial, 16) % 2))


def test_a_hold_may_become_final(published: Path, at: datetime) -> None:
    authority = made(at)
    held = issued(authority, at)
    revoke(held, HOLD, at=at)
    assert revoke(held, RevocationReason.KEY_COMPROMISE, at=at + timedelta(hours=1))
    assert not release(held, at=at) and held.reason == RevocationReason.KEY_COMPROMISE
    assert not revoke(held, RevocationReason.SUPERSEDED, at=at)


def test_who_may_not_issue_signs_nothing(published: Path, at: datetime) -> None:
    authority = made(at)
    Authority.objects.filter(pk=authority.pk).update(issuing=False)
    authority.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        issued(authority, at)
    assert refused.value.code == "not_issuing" and not Issuance.objects.filter(authority=authority).exists()


def test_what_was_prepared_before_is_not_signed_after(published: Path, at: datetime) -> None:
    authority = made(at)
    contents = LeafContents(to_name(Subject(common_name="x")), (), key_identifier=True)
    waiting = prepare(
        authority,
        contents,
        spki=new_spki(),
        not_before=at,
        not_after=at + YEAR,
        key="k",
        reference="r",
        at=at,
    )
    Authority.objects.filter(pk=authority.pk).update(issuing=False)
    with pytest.raises(Refusal, match="not signed any more"):
        sign(waiting)


def test_the_end_leaves_a_last_list_tombstones_and_no_key(
    published: Path, at: datetime, tmp_path: Path
) -> None:
    authority = made(at, shards=2)
    root = authority.parent
    assert root is not None
    several = [issued(authority, at, key=f"key-{turn}") for turn in range(3)]
    revoke(several[0], RevocationReason.KEY_COMPROMISE, at=at)
    key_id, later = authority.key_id, at + timedelta(days=1)
    end_authority(authority, at=later)
    authority.refresh_from_db()
    assert authority.ended_at == later and not authority.issuing and authority.key_id == ""
    serials = {int(one.serial, 16) for one in several}
    assert listed(crl(authority)) == serials
    assert listed(crl(authority, 0)) | listed(crl(authority, 1)) == serials
    for shard in authority.scopes:
        assert crl(authority, shard).next_update_utc == authority.not_after
    assert set(Tombstone.objects.values_list("serial", flat=True)) == {one.serial for one in several}
    assert all(len(one.fingerprint) == 64 for one in Tombstone.objects.all())
    assert not Issuance.objects.filter(authority=authority).exists()
    assert not StoredKey.objects.filter(public_id=key_id).exists()
    assert list(archive.unknown(authority)) == []
    with pytest.raises(StoredKey.DoesNotExist):
        keystore("database").sign(key_id, "ecdsa-sha256", b"x")
    sweep(later, clock.system_now())
    own = x509.load_der_x509_certificate(bytes(authority.certificate or b"")).serial_number
    assert own in listed(crl(root)), "its parent no longer stands for it"
    assert sweep(later, clock.system_now()) == 0


@pytest.mark.parametrize("step", ["publish_crl", "_bury", "archive.forget", "keystore"])
def test_an_end_that_was_cut_short_is_finished(
    published: Path, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    authority = made(at)
    issued(authority, at)

    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(f"hanaper.apps.authority.services.ending.{step}", power_cut)
        with pytest.raises(RuntimeError):
            end_authority(authority, at=at)
    authority.refresh_from_db()
    assert authority.ended_at is None and not authority.issuing
    end_authority(authority, at=at)
    authority.refresh_from_db()
    assert authority.ended_at == at and len(listed(crl(authority))) == 1 and Tombstone.objects.count() == 1


def test_an_end_of_many_certificates_takes_steps_and_no_list_forgets_what_was_buried(
    published: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "BATCH", 2)
    authority = made(at, ocsp=True)
    several = [issued(authority, at, key=f"key-{turn}") for turn in range(4)]
    every = {int(one.serial, 16) for one in Issuance.objects.filter(authority=authority)}
    assert end_authority(authority, at=at).ended_at is None and Tombstone.objects.count() == 2
    # What a lost signature, or an operator by hand, makes due meanwhile.
    Authority.objects.filter(pk=authority.pk).update(crl_due_at=at)
    for later in (at, at + timedelta(days=25)):  # its responder is due
        sweep(later, clock.system_now())
        publish_crl(authority, at=later)
    assert listed(crl(authority)) == every and crl(authority).next_update_utc == authority.not_after
    buried = set(Tombstone.objects.values_list("serial", flat=True))
    (one, *_) = [one for one in several if one.serial in buried]
    for more in ({}, {"nonce": b"n" * 32}):
        assert status_of(one, at, **more) == "revoked"
    steps = 1
    while end_authority(authority, at=at + timedelta(days=25)).ended_at is None:
        steps += 1
    assert steps > 1 and Tombstone.objects.count() >= 5
    assert listed(crl(authority)) == every and crl(authority).next_update_utc == authority.not_after


def test_a_list_that_was_begun_before_a_burial_is_not_stored(
    published: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = made(at)
    serial = int(issued(authority, at).serial, 16)
    ending._tell_the_end(authority, at)
    real = publishing._signed

    def meanwhile(*what: Any) -> Any:
        signed = real(*what)
        ending._bury(authority, at)
        return signed

    monkeypatch.setattr(publishing, "_signed", meanwhile)
    publish_crl(authority, at=at)
    assert listed(crl(authority)) == {serial} and crl(authority).next_update_utc == authority.not_after


def test_ended_twice_is_ended_once(published: Path, at: datetime) -> None:
    authority = made(at)
    end_authority(authority, at=at)
    number = Authority.objects.get(pk=authority.pk).crl_number
    assert end_authority(authority, at=at + timedelta(days=1)).ended_at == at
    assert Authority.objects.get(pk=authority.pk).crl_number == number
