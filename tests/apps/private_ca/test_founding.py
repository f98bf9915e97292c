"""A key that is made here: known before its certificate is signed, and finished or ended, whatever happens."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Authority, CaCertificate, Issuance, StoredKey
from hanaper.apps.authority.recovery import reconcile
from hanaper.apps.authority.sweep import sweep as sweep_authorities
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import Renewal
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.errors import Refusal
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.peers import findings
from tests.people import Person

pytestmark = pytest.mark.django_db
SIGN = "hanaper.apps.authority.services.issuing.assemble_signed"
BEGUN = "hanaper.apps.private_ca.services.enabling.finish_enabling"


class PowerCut(Exception):
    pass


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "parent", "pending").get(pk=ca.pk)


def cut_at(monkeypatch: pytest.MonkeyPatch, where: str, act: Any) -> None:
    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(where, cut)
        with pytest.raises(PowerCut):
            act()


def sweeps(at: datetime) -> None:
    for minutes in (2, 4, 6):
        for one in (sweep_authorities, sweep):
            one(at, clock.system_now() + timedelta(minutes=minutes))


@pytest.mark.parametrize("where", [BEGUN, SIGN], ids=["begun", "signing"])
@pytest.mark.parametrize("kind", ["root", "intermediate"])
def test_known_before_it_is_signed_and_finished_by_the_sweep(
    owner: Person,
    root: PrivateCA,
    intermediate: PrivateCA,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    where: str,
) -> None:
    if kind == "intermediate":
        enable(owner, root, at)
    ca = root if kind == "root" else intermediate
    cut_at(monkeypatch, where, lambda: enable(owner, ca, at, path_length=None))
    found = fresh(ca)
    assert found.state == "not_enabled" and found.authority is None and not found.request_out
    assert found.pending is not None and found.pending.certificate is None
    begun = Issuance.objects.get(reference=ca.public_id)
    assert begun.state == ("prepared" if where == BEGUN else "signing")
    with pytest.raises(Refusal) as met:
        enable(owner, ca, at)
    assert met.value.code == "key_being_made"
    sweeps(at)
    found = fresh(ca)
    assert found.state == "enabled" and found.pending is None and found.begun_at is None
    assert found.authority is not None and found.name == f"Example {kind}"
    assert not findings(bytes(found.authority.certificate or b""))
    row = found.authority.certificates.get()
    signed = Issuance.objects.get(reference=ca.public_id, state="signed")
    assert (row.serial, row.der) == (signed.serial, signed.certificate)
    if where == SIGN:
        begun.refresh_from_db()
        assert begun.state == "abandoned" and begun.revoked_at is not None and begun.serial != row.serial
    assert AuditEntry.objects.get(action="private_ca.enabled", target=ca.public_id).user == owner.user
    assert StoredKey.objects.count() == Authority.objects.count()
    for one in Authority.objects.all():
        kept = {file.stem for file in Path(settings.DATA, "issued", one.public_id).glob("*/*.cer")}
        assert kept == set(one.issuances.filter(state="signed").values_list("serial", flat=True))


def test_what_the_root_may_not_sign_any_more_is_ended(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(owner, root, at)
    cut_at(monkeypatch, BEGUN, lambda: enable(owner, intermediate, at))
    reset(owner, fresh(root), at)  # nothing below it is enabled
    sweeps(at)
    found = fresh(intermediate)
    assert (found.state, found.pending, found.begun_at) == ("not_enabled", None, None)
    assert not StoredKey.objects.exists() and not CaCertificate.objects.filter(der=None).exists()
    assert not AuditEntry.objects.filter(action="private_ca.enabled", target=found.public_id).exists()
    enable(owner, root, at)
    assert enable(owner, fresh(intermediate), at).state == "enabled"


def test_signed_and_not_taken_is_on_the_list_above(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The term ends between the signature and the last look."""
    above = enable(owner, root, at).authority
    cut_at(monkeypatch, BEGUN, lambda: enable(owner, intermediate, at))
    later = fresh(intermediate).term_ends_at
    row = CaCertificate.objects.get(authority=fresh(intermediate).pending_id)
    sweep_authorities(at, clock.system_now())
    row.refresh_from_db()
    assert row.der is None, "for a minute it is left to whoever began it"
    sweep_authorities(at, clock.system_now() + timedelta(minutes=2))
    row.refresh_from_db()
    assert row.der is not None and above is not None
    sweeps(later)
    assert fresh(intermediate).state == "expired" and fresh(intermediate).pending is None
    assert above.issuances.get(serial=row.serial).revoked_at == later
    assert StoredKey.objects.count() == 1, "the root's"


@pytest.mark.parametrize("given_up", [True, False])
def test_a_refund_asked_for_meanwhile(
    owner: Person,
    order: Order,
    root: PrivateCA,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    given_up: bool,
) -> None:
    """D11: while it is under way nothing changes; given up, the CA is enabled; succeeded, no key is left."""
    cut_at(monkeypatch, BEGUN, lambda: enable(owner, root, at))
    rows = Order.objects.filter(pk=order.pk)
    rows.update(state=OrderState.REFUND_IN_PROGRESS)
    sweeps(at)
    assert fresh(root).state == "not_enabled" and fresh(root).pending is not None
    if given_up:
        rows.update(state=OrderState.PAID)
    else:
        rows.update(state=OrderState.REFUNDED, refunded_at=at)
        services.end_refunded(order, at)
    sweeps(at)
    found = fresh(root)
    assert (found.state, found.pending) == ("enabled" if given_up else "refunded", None)
    assert StoredKey.objects.count() == int(given_up)


def test_a_new_key_of_a_ca_that_is_reset_meanwhile(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = "hanaper.apps.private_ca.services.renewing.finish_renewing"
    renew = Renewal(new_key=True)
    cut_at(monkeypatch, finish, lambda: services.renew_ca(owner.actor, fresh(working), renew, at=at))
    with pytest.raises(Refusal) as met:
        services.renew_ca(owner.actor, fresh(working), Renewal(new_key=False), at=at)
    assert met.value.code == "key_being_made"
    reset(owner, fresh(working), at)
    sweeps(at)
    found = fresh(working)
    assert (found.state, found.pending, found.begun_at) == ("not_enabled", None, None)
    assert StoredKey.objects.count() == 1, "the root's"
    assert enable(owner, found, at).state == "enabled"


def test_a_restored_backup_signs_nothing_twice(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was only prepared in the backup may have been signed since."""
    cut_at(monkeypatch, BEGUN, lambda: enable(owner, root, at))
    reconcile(at)
    sweeps(at)
    begun = Issuance.objects.get(reference=root.public_id, state="abandoned")
    assert fresh(root).state == "enabled"
    assert begun.serial != fresh(root).authority.certificates.get().serial  # type: ignore[union-attr]
