"""Renewals and resets of CAs that a power cut interrupts at any step, and the sweep that finishes them."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.models import Authority, CaCertificate, StoredKey
from hanaper.apps.authority.services import certificate_file
from hanaper.apps.authority.sweep import sweep as sweep_authorities
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.sweep import sweep
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.generations import DAY, NEW, SAME, authority_of, certificate, fresh
from tests.people import Person

pytestmark = pytest.mark.django_db


def power_cut(*_: object, **__: object) -> None:
    raise RuntimeError("power cut")


CERTIFYING = "hanaper.apps.authority.services.certifying"
RENEWING = "hanaper.apps.private_ca.services.renewing"


@pytest.mark.parametrize(
    "step", [f"{RENEWING}.finish_ca_certificate", f"{CERTIFYING}.sign", f"{CERTIFYING}._become_its_own"]
)
def test_a_renewal_that_was_cut_short_is_finished(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = authority_of(working)
    with monkeypatch.context() as cut:
        cut.setattr(step, power_cut)
        with pytest.raises(RuntimeError):
            services.renew_ca(owner.actor, fresh(working), SAME, at=at + DAY)
    assert authority_of(working).certificate == before.certificate
    sweep_authorities(at + DAY, clock.system_now() + timedelta(minutes=2))
    after = authority_of(working)
    assert after.certificate != before.certificate and not CaCertificate.objects.filter(der=None).exists()
    assert after.certificates.count() == 2
    certificate(after).verify_directly_issued_by(certificate(after.parent))  # type: ignore[arg-type]


def test_nobody_knows_whether_it_was_signed(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its serial is on the list, and another is signed in its place."""
    before = authority_of(working)
    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.authority.services.issuing.assemble_signed", power_cut)
        with pytest.raises(RuntimeError):
            services.renew_ca(owner.actor, fresh(working), SAME, at=at + DAY)
    row = CaCertificate.objects.get(der=None)
    sweep_authorities(at + DAY, clock.system_now() + timedelta(minutes=5))
    sweep_authorities(at + DAY, clock.system_now() + timedelta(minutes=5))
    assert not CaCertificate.objects.filter(der=None).exists()
    after, old = certificate(authority_of(working)), certificate(before)
    assert after.serial_number not in (old.serial_number, int(row.serial, 16))
    assert (after.subject, after.public_key()) == (old.subject, old.public_key())
    root = authority_of(fresh(working).parent)  # type: ignore[arg-type]
    assert root.issuances.get(serial=row.serial).revoked_at is not None


@pytest.mark.parametrize("step", ["begin", "finish_renewing", "come_out", "finish_ca_certificate", "retire"])
def test_a_new_key_that_was_cut_short(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    enable(owner, root, at)
    old = authority_of(root)
    with monkeypatch.context() as cut:
        cut.setattr(f"{RENEWING}.{step}", power_cut)
        with pytest.raises(RuntimeError):
            services.renew_ca(owner.actor, fresh(root), NEW, at=at + DAY)
    if step == "begin":
        assert authority_of(root) == old and Authority.objects.count() == 1
        return
    for _ in range(2):
        sweep_authorities(at + DAY, clock.system_now() + timedelta(minutes=2))
        sweep(at + DAY, clock.system_now() + timedelta(minutes=2))
    old.refresh_from_db()
    assert authority_of(root) != old and not old.issuing
    assert CaCertificate.objects.filter(kind="link", der__isnull=False).count() == 2
    assert certificate_file(authority_of(root)).exists()


@pytest.mark.parametrize("times", [1, 2])
def test_a_reset_of_several_keys_that_was_cut_short(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    enable(owner, root, at)
    services.renew_ca(owner.actor, fresh(root), NEW, at=at)
    from hanaper.apps.private_ca.services import resetting  # noqa: PLC0415

    real, done = resetting.end_authority, []

    def some(authority: Authority, *, at: datetime) -> Authority:
        done.append(authority.pk)
        if len(done) == times:
            raise RuntimeError("power cut")
        return real(authority, at=at)

    with monkeypatch.context() as cut:
        cut.setattr(resetting, "end_authority", some)
        with pytest.raises(RuntimeError):
            reset(owner, fresh(root), at + DAY)
    assert fresh(root).resetting
    sweep(at + DAY, clock.system_now())
    assert not fresh(root).resetting and not StoredKey.objects.exists()
    assert {one.ended_at for one in Authority.objects.all()} == {at + DAY}
