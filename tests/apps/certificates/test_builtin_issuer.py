"""Real X.509 certificates from the built-in CA, as openssl sees them; and an issuer's bad days."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509 as cryptography_x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.authority.models import Authority, CompromisedKey, Issuance
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.certificates import at_issuer
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.queries import of_key
from hanaper.apps.certificates.services import (
    applying,
    cause,
    downloading,
    issuing,
    reissuing,
    reviewing,
    revoking,
    withdrawing,
)
from hanaper.apps.certificates.services.downloading import Part
from hanaper.apps.certificates.vocabulary import RevocationReason
from hanaper.core.errors import InvalidInput, Refusal
from tests.apps.certificates.conftest import DV, OV, WILD, x509s

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def builtin_ca(at, settings):
    settings.STATUS_URL = "http://status.example.com"
    return ensure_builtin_ca(at - DAY)


@pytest.fixture
def pem_files(tmp_path):
    """Writes what a customer downloads, and the root that they trust."""

    def write(certificate):
        root = Authority.objects.get(role="builtin-root")
        parsed = cryptography_x509.load_der_x509_certificate(bytes(root.certificate))
        files = {
            "root": parsed.public_bytes(Encoding.PEM).decode(),
            "leaf": downloading.download(certificate, Part.LEAF),
            "chain": downloading.download(certificate, Part.CHAIN),
        }
        for name, pem in files.items():
            (tmp_path / f"{name}.pem").write_text(pem)
        return tmp_path

    return write


def openssl(*arguments, check=True):
    result = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if check:
        assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def verify(folder: Path, at, *options, check=True):
    return openssl(
        "verify", "-attime", str(int(at.timestamp())), "-x509_strict", "-CAfile", str(folder / "root.pem"),
        "-untrusted", str(folder / "chain.pem"), *options, str(folder / "leaf.pem"), check=check,
    )  # fmt: skip


def test_openssl_accepts_it_until_it_is_revoked(owner, reviewer, issued, work, pem_files, settings, at):
    certificate = issued(WILD, domains=["*.shop.example.com"])
    folder = pem_files(certificate)
    verify(folder, at + timedelta(minutes=1), "-verify_hostname", "a.shop.example.com")
    verify(folder, at + timedelta(minutes=1), "-verify_hostname", "shop.example.com")
    assert downloading.download(certificate, Part.FULL_CHAIN).count("BEGIN CERTIFICATE") == 2

    request = revoking.request_revocation(owner.actor, certificate, at=at)
    revoking.approve_revocation(reviewer.actor, request, at=at)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "revoked"
    issuing = Authority.objects.get(role="builtin-issuing")
    published = Path(settings.PUBLISHED) / "crl" / f"{issuing.public_id}.crl"
    crl = folder / "crl.pem"
    openssl("crl", "-inform", "DER", "-in", str(published), "-out", str(crl))
    said = verify(folder, at + timedelta(minutes=1), "-crl_check", "-CRLfile", str(crl), check=False)
    assert "certificate revoked" in said


def test_the_key_comes_in_clear_once_then_encrypted(owner, reader, reviewer, issued, tmp_path, at):
    certificate = issued()
    key = downloading.download_key(owner.actor, certificate, passphrase=None, at=at)
    (tmp_path / "key.pem").write_bytes(key.content)
    (tmp_path / "leaf.pem").write_text(downloading.download(certificate, Part.LEAF))
    public = openssl("pkey", "-in", str(tmp_path / "key.pem"), "-pubout")
    assert public == openssl("x509", "-in", str(tmp_path / "leaf.pem"), "-noout", "-pubkey")

    def refused(who, **choices):
        with pytest.raises(Refusal) as refusal:
            downloading.download_key(who.actor, certificate, at=at, **choices)
        return refusal.value.code

    assert refused(owner, passphrase=None) == "key_given_out"
    assert refused(owner, passphrase="short") == "passphrase_length"
    assert refused(owner, passphrase=None, as_pkcs12=True) == "passphrase_needed"
    assert refused(reader, passphrase="long enough pass") == "role_too_small"
    assert refused(reviewer, passphrase="long enough pass") == "customer_key_required"

    phrase = "correct horse battery"
    encrypted = downloading.download_key(owner.actor, certificate, passphrase=phrase, at=at)
    assert b"ENCRYPTED PRIVATE KEY" in encrypted.content
    bundle = downloading.download_key(owner.actor, certificate, passphrase=phrase, as_pkcs12=True, at=at)
    (tmp_path / "bundle.p12").write_bytes(bundle.content)
    shown = openssl("pkcs12", "-in", str(tmp_path / "bundle.p12"), "-passin", f"pass:{phrase}", "-nodes")
    assert shown.count("BEGIN CERTIFICATE") == 2 and "BEGIN PRIVATE KEY" in shown


@pytest.mark.parametrize("algorithm", ["rsa:2048", "ec"])
def test_a_request_of_the_customers(owner, pending, form, publish, work, tmp_path, at, algorithm):
    key, request = tmp_path / "own.key", tmp_path / "own.csr"
    kind = ["-newkey", algorithm]
    if algorithm == "ec":
        kind += ["-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl(
        "req", "-new", *kind, "-nodes", "-keyout", str(key), "-out", str(request), "-subj",
        "/CN=shop.example.com", "-addext", "subjectAltName=DNS:shop.example.com",
    )  # fmt: skip
    certificate = pending()
    applying.submit(owner.actor, certificate, form={**form, "csr": request.read_text()}, at=at)
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    with pytest.raises(Refusal) as refused:
        downloading.download_key(owner.actor, certificate, passphrase="long enough pass", at=at)
    assert refused.value.code == "key_not_here"
    with pytest.raises(InvalidInput) as same:
        reissuing.reissue(owner.actor, certificate, csr=request.read_text(), at=at)
    assert same.value.code == "same_key"


@pytest.mark.parametrize("label", ["issuer-timeout-before", "issuer-timeout-after", "issuer-revoke-timeout"])
def test_a_bad_day_costs_time_only(owner, reviewer, issued, work, at, label):
    certificate = issued(DV, domains=[f"{label}.example.com"])
    assert len(x509s(certificate)) == 1
    request = revoking.request_revocation(owner.actor, certificate, at=at)
    revoking.approve_revocation(reviewer.actor, request, at=at)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "revoked"


def test_a_refusal_of_the_issuer_is_told(validating, publish, work, at):
    certificate = validating(DV, domains=["issuer-refuse.example.com"])
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    assert certificate.applications.get().failure_code == "issuer_refused"


def test_ov_names_its_company(owner, reviewer, validating, company, publish, work, at):
    certificate = validating(OV, company=company.public_id)
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    application = certificate.applications.get()
    assert (certificate.state, application.state) == ("validating_application", "reviewing")
    reviewing.approve_application(reviewer.actor, application, at=at)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"
    leaf = cryptography_x509.load_der_x509_certificate(bytes(x509s(certificate)[0].leaf))
    assert leaf.subject.rfc4514_string() == "O=Example Ltd,L=London,C=GB"


def test_ov_refused_then_modified(owner, reviewer, validating, company, publish, work, at):
    certificate = validating(OV, company=company.public_id)
    publish(certificate)
    work(at)
    application = certificate.applications.get()
    reviewing.refuse_application(reviewer.actor, application, reason="No such company there.", at=at)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    assert certificate.applications.get().failure == "No such company there."
    with pytest.raises(Refusal) as refused:
        reviewing.approve_application(reviewer.actor, application, at=at)
    assert refused.value.code == "nothing_to_review"
    applying.submit(owner.actor, certificate, at=at)
    work(at)
    # Its domains were shown a moment ago; the organisation is looked at again.
    assert certificate.applications.latest("pk").state == "reviewing"


def test_what_is_issued_after_a_withdrawal_is_revoked(owner, validating, publish, work, at, monkeypatch):
    certificate = validating()
    publish(certificate)
    submit = at_issuer.submit

    def withdrawn_meanwhile(order, moment):
        progress = submit(order, moment)
        withdrawing.withdraw(owner.actor, certificate, at=at)
        return progress

    monkeypatch.setattr(at_issuer, "submit", withdrawn_meanwhile)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "pending_application" and certificate.current is None
    order = certificate.issuer_orders.get()
    assert order.state == "discarded" and order.revoked_at is not None
    withdrawing.cancel_apply(owner.actor, certificate, at=at)


def test_the_next_year_of_ov_is_not_reviewed_again(reviewer, validating, company, publish, work, at):
    first = validating("hanaper-ov-single-2y", company=company.public_id)
    publish(first)
    work(at)
    reviewing.approve_application(reviewer.actor, first.applications.get(), at=at)
    work(at)
    first.refresh_from_db()
    soon = first.term_end - 20 * DAY
    work(soon)
    second = Certificate.objects.get(series=first.series, year=2)
    publish(second)  # control of the name is shown anew: the validation is too old
    work(soon)
    second.refresh_from_db()
    assert second.state == "issued"
    assert second.applications.get().reviewed_at == at  # within 398 days (BR 4.2.1)


def test_a_review_that_takes_too_long_asks_for_the_domains_again(
    reviewer, validating, company, publish, work, at
):
    certificate = validating(OV, company=company.public_id)
    publish(certificate)
    work(at)
    late = at + 201 * DAY
    reviewing.approve_application(reviewer.actor, certificate.applications.get(), at=late)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    assert certificate.applications.get().failure_code == "validation_too_old"


def test_a_compromised_key_is_never_certified_again(
    owner, reviewer, pending, form, issued, publish, work, tmp_path, at
):
    key, request = tmp_path / "own.key", tmp_path / "own.csr"
    openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key),
        "-out", str(request), "-subj", "/CN=shop.example.com",
    )  # fmt: skip
    certificate = issued(DV, csr=request.read_text())
    fingerprint = certificate.applications.get().key_fingerprint
    assert of_key(owner.actor, certificate.account_id, fingerprint) == [certificate]
    assert of_key(owner.actor, certificate.account_id, "") == []
    cause.revoke_for_cause(
        reviewer.actor, certificate, reason=RevocationReason.KEY_COMPROMISE, text="published", at=at
    )
    work(at)
    assert of_key(owner.actor, certificate.account_id, fingerprint) == []
    again = pending()
    with pytest.raises(InvalidInput) as refused:
        applying.submit(owner.actor, again, form={**form, "csr": request.read_text()}, at=at)
    assert refused.value.code == "csr_key_compromised"


def test_a_key_that_is_reported_while_it_is_certified(validating, publish, work, monkeypatch, at):
    """What the issuer made meanwhile is revoked, and nobody gets it."""
    certificate, deliver = validating(), issuing._deliver

    def reported(order, *when):
        CompromisedKey.objects.create(fingerprint=order.application.key_fingerprint, reported_at=at)
        monkeypatch.setattr(issuing, "_deliver", deliver)
        deliver(order, *when)

    monkeypatch.setattr(issuing, "_deliver", reported)
    publish(certificate)
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    assert certificate.applications.get().failure_code == "key_compromised"
    made = Issuance.objects.get(reference=certificate.public_id)
    assert (made.revoked_at, made.reason) == (at, "keyCompromise")
    assert certificate.issuer_orders.get().revocation_reason == "key_compromise"


def test_a_private_key_is_not_kept_in_a_draft(owner, pending, at):
    certificate = pending()
    pasted = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    with pytest.raises(InvalidInput) as refused:
        applying.save_form(owner.actor, certificate, form={"csr": pasted}, at=at)
    assert refused.value.code == "csr_private_key"
    certificate.refresh_from_db()
    assert certificate.form == {}
