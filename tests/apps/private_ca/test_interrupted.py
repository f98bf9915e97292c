"""Issuing that died on its way: finished or given up by the sweep, once, and no quota lost."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.models import Issuance
from hanaper.apps.authority.sweep import sweep as sweep_authorities
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part
from hanaper.apps.private_ca.sweep import sweep
from tests.apps.private_ca.certificates import issue, leaf, refused
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("where", "state", "used"),
    [
        ("issuing.finish", "issued", 1),  # the intention stands, nothing was signed
        ("issuing.sign", "issued", 1),
        ("issuing._issued", "issued", 1),  # signed, not written down
    ],
)
def test_what_a_dying_process_left_is_finished(
    owner: Person,
    working: PrivateCA,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    state: str,
    used: int,
) -> None:
    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(f"hanaper.apps.private_ca.services.{where}", power_cut)
        with pytest.raises(RuntimeError):
            issue(owner, working, at)
    later = clock.system_now() + timedelta(minutes=2)
    assert sweep(at, later) == 1 and sweep(at, later) == 0
    certificate = PrivateCertificate.objects.get()
    assert certificate.state == state and PrivateCA.objects.get(pk=working.pk).quota_used == used
    assert Issuance.objects.filter(reference=certificate.public_id).count() == 1
    assert leaf(certificate).serial_number == int(certificate.serial, 16)


def test_nobody_knows_whether_it_was_signed(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died in the keystore: the serial is on the list, and the quota is there again."""

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.authority.keystores.database.DatabaseKeystore.sign", power_cut)
        with pytest.raises(RuntimeError):
            issue(owner, working, at)
    later = clock.system_now() + timedelta(minutes=2)
    sweep(at, later)
    sweep_authorities(at, later)
    sweep(at, later)
    certificate = PrivateCertificate.objects.get()
    assert certificate.state == "failed" and PrivateCA.objects.get(pk=working.pk).quota_used == 0
    issuance = Issuance.objects.get(reference=certificate.public_id)
    assert issuance.revoked_at is not None
    refused("not_issued", lambda: services.download(certificate, Part.LEAF))


def test_stopped_between_intention_and_signature(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.private_ca.services.issuing.finish", power_cut)
        with pytest.raises(RuntimeError):
            issue(owner, working, at)
    services.set_issuing(owner.actor, working, False, at=at)
    sweep(at, clock.system_now() + timedelta(minutes=2))
    assert PrivateCertificate.objects.get().state == "failed"
    assert PrivateCA.objects.get(pk=working.pk).quota_used == 0
