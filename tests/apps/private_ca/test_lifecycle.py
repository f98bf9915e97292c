"""Enabling, stopping, resetting and ending private CAs (R7, R17, D2, D7, D8, D11)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Authority, Issuance, StoredKey, Tombstone
from hanaper.apps.authority.services import crl_file, ending
from hanaper.apps.authority.sweep import sweep as sweep_authorities
from hanaper.apps.events.models import Event
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca import sweep as private_sweep
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import end_refunded, resetting
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.private_ca.undo import undo_step
from hanaper.core.errors import Forbidden, InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from hanaper.core.x509.reasons import RevocationReason
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.test_revoking_cas import issue
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def of(ca: PrivateCA) -> x509.Certificate:
    assert ca.authority is not None
    return x509.load_der_x509_certificate(bytes(ca.authority.certificate or b""))


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority").get(pk=ca.pk)


def test_a_root_then_its_intermediate(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    top, below = enable(owner, root, at), enable(owner, intermediate, at)
    assert (top.state, below.state) == ("enabled", "enabled")
    of(top).verify_directly_issued_by(of(top))
    of(below).verify_directly_issued_by(of(top))
    assert isinstance(of(top).public_key().curve.name, str) and of(top).public_key().curve.name == "secp384r1"  # type: ignore[union-attr]
    constraints = of(below).extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    names = {one.rfc4514_attribute_name: one.value for one in of(below).subject}
    assert names == {"O": owner.account.name, "CN": "Example intermediate"}  # type: ignore[union-attr]
    assert Event.objects.filter(kind="private_ca.enabled").count() == 2
    assert AuditEntry.objects.filter(action="private_ca.enabled", user=owner.user).count() == 2
    for ca in (top, below):
        assert ca.authority is not None and crl_file(ca.authority).exists()


def test_an_intermediate_waits_for_its_root(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    refused("parent_not_enabled", lambda: enable(owner, intermediate, at))
    assert not StoredKey.objects.exists()


def test_bought_apart_it_is_signed_by_the_root_that_was_named(
    owner: Person, stranger: Person, root: PrivateCA, at: datetime
) -> None:
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    enable(owner, root, at)
    refused("parent_needed", lambda: enable(owner, extra, at))
    theirs = PrivateCA.objects.get(order=buy(stranger, "private-root-ca", at=at), kind="root")
    enable(stranger, theirs, at)
    refused("parent_not_enabled", lambda: enable(owner, extra, at, parent=theirs))
    of(enable(owner, extra, at, parent=root)).verify_directly_issued_by(of(fresh(root)))


def test_an_intermediate_does_not_outlive_its_root(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at, years=2)
    refused("outlives_parent", lambda: enable(owner, intermediate, at, years=3))
    assert of(enable(owner, intermediate, at)).not_valid_after_utc == of(fresh(root)).not_valid_after_utc


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_every_kind_of_key(owner: Person, root: PrivateCA, at: datetime, algorithm: KeyAlgorithm) -> None:
    ca = enable(owner, root, at, algorithm=algorithm)
    assert ca.authority is not None and ca.authority.algorithm == algorithm
    of(ca).verify_directly_issued_by(of(ca))


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"subject": Subject()}, "subject.common_name"),
        ({"subject": Subject(common_name="x", country="Germany")}, "subject.country"),
        ({"years": 0}, "years"),
        ({"years": 26}, "years"),
        ({"shards": 0}, "shards"),
        ({"shards": 65}, "shards"),
        ({"list_days": 366}, "list_days"),
        ({"region": "moon"}, "region"),
        ({"name": "x" * 81}, "name"),
    ],
)
def test_each_fault_stands_at_its_field(
    owner: Person, root: PrivateCA, at: datetime, choices: dict[str, Any], field: str
) -> None:
    given = CaSettings(**{"subject": Subject(common_name="x"), **choices})
    with pytest.raises(InvalidInput) as met:
        services.enable_ca(owner.actor, root, given, at=at)
    assert [fault.field for fault in met.value.faults] == [field]
    assert fresh(root).state == "not_enabled" and not StoredKey.objects.exists()


def test_who_may_only_read_enables_nothing(reader: Person, root: PrivateCA, at: datetime) -> None:
    with pytest.raises(Forbidden):
        enable(reader, root, at)


def test_not_twice(owner: Person, root: PrivateCA, at: datetime) -> None:
    first = enable(owner, root, at)
    refused("already_enabled", lambda: enable(owner, root, at))
    assert fresh(root).authority == first.authority


def test_enabled_meanwhile_by_somebody_else(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hanaper.apps.private_ca.services import enabling  # noqa: PLC0415

    real = enabling.draft_authority

    def slow(*given: Any, **named: Any) -> Any:
        drafted = real(*given, **named)
        monkeypatch.setattr(enabling, "draft_authority", real)
        enable(owner, root, at)
        return drafted

    monkeypatch.setattr(enabling, "draft_authority", slow)
    refused("already_enabled", lambda: enable(owner, root, at))
    assert Authority.objects.count() == 1 and StoredKey.objects.count() == 2
    StoredKey.objects.order_by("pk").first().secret.__class__.objects.update(  # type: ignore[union-attr]
        created_at=clock.system_now() - timedelta(hours=2)
    )
    sweep_authorities(at, clock.system_now())
    assert StoredKey.objects.get().public_id == Authority.objects.get().key_id


def test_while_a_refund_is_under_way_nothing_changes(
    owner: Person, order: Order, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    """D11: also not below a root whose order is being refunded."""
    enable(owner, root, at)
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUND_IN_PROGRESS)
    refused("order_locked", lambda: enable(owner, intermediate, at))
    refused("order_locked", lambda: enable(owner, extra, at, parent=root))
    refused("order_locked", lambda: reset(owner, fresh(root), at))
    refused("order_locked", lambda: services.set_issuing(owner.actor, root, False, at=at))


def test_stopping_and_going_on(owner: Person, root: PrivateCA, at: datetime) -> None:
    refused("not_enabled", lambda: services.set_issuing(owner.actor, root, False, at=at))
    enable(owner, root, at)
    for wanted in (False, False, True):
        ca = services.set_issuing(owner.actor, root, wanted, at=at)
        assert ca.authority is not None and ca.authority.issuing is wanted
    actions = AuditEntry.objects.filter(target=root.public_id).values_list("action", flat=True)
    assert sorted(actions) == ["private_ca.enabled", "private_ca.resumed", "private_ca.stopped"]


def test_a_reset_needs_the_tick_and_the_warning(owner: Person, root: PrivateCA, at: datetime) -> None:
    enable(owner, root, at)
    warning = services.prepare_reset(owner.actor, fresh(root))
    assert warning.tick == "Confirm that the reset operation deletes all data."
    assert warning.text.startswith("Resetting deletes the key of the root Example root and its settings.")
    assert "CAs below it (1) are not enabled" in warning.text and "quota" not in warning.text
    for given, code in (
        ({"confirmation": warning.token, "deletes_all_data": False}, "reset_not_confirmed"),
        ({"confirmation": warning.token, "deletes_all_data": "yes"}, "reset_not_confirmed"),
        ({"confirmation": "x", "deletes_all_data": True}, "confirmation_invalid"),
    ):
        refusal = refused(
            code, lambda given=given: services.reset_ca(owner.actor, fresh(root), **given, at=at)
        )
        assert refusal.clause == "R17" or code != "reset_not_confirmed"
    assert fresh(root).state == "enabled"


def test_a_reset_is_confirmed_while_it_issues_and_counts_what_is_good(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at)
    revoked = issue(owner, intermediate, at)
    services.revoke(owner.actor, revoked, RevocationReason.SUPERSEDED, at=at)
    issue(owner, intermediate, at)
    warning = services.prepare_reset(owner.actor, fresh(intermediate))
    assert warning.certificates == 1 and "1 of them stop being valid" in warning.text
    issue(owner, intermediate, at)
    services.reset_ca(
        owner.actor, fresh(intermediate), confirmation=warning.token, deletes_all_data=True, at=at
    )
    assert fresh(intermediate).state == "not_enabled"


def test_a_confirmation_is_for_one_ca(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at)
    token = services.prepare_reset(owner.actor, fresh(intermediate)).token
    services.reset_ca(owner.actor, fresh(intermediate), confirmation=token, deletes_all_data=True, at=at)
    refused(
        "warning_changed",
        lambda: services.reset_ca(owner.actor, fresh(root), confirmation=token, deletes_all_data=True, at=at),
    )


def test_a_reset_leaves_nothing_but_a_list(owner: Person, root: PrivateCA, at: datetime) -> None:
    authority = enable(owner, root, at).authority
    assert authority is not None
    key_id, later = authority.key_id, at + DAY
    ca = reset(owner, fresh(root), later)
    assert (ca.state, ca.reset_at, ca.authority, ca.resetting, ca.name) == (
        "not_enabled",
        later,
        None,
        False,
        "",
    )
    assert not StoredKey.objects.filter(public_id=key_id).exists()
    authority.refresh_from_db()
    assert authority.ended_at == later and crl_file(authority).exists()
    assert Event.objects.filter(kind="private_ca.reset").count() == 1


def test_enabled_again_after_a_reset(owner: Person, root: PrivateCA, at: datetime) -> None:
    """D2: the reset counts no more."""
    first = enable(owner, root, at).authority
    reset(owner, fresh(root), at + DAY)
    again = enable(owner, fresh(root), at + 2 * DAY)
    assert again.authority != first and again.reset_at is None and again.state == "enabled"


def test_a_root_goes_after_its_intermediates(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    """D7"""
    enable(owner, root, at)
    enable(owner, intermediate, at)
    refusal = refused("intermediates_enabled", lambda: reset(owner, fresh(root), at))
    assert refusal.clause == "D7" and refusal.details["intermediates"] == [intermediate.public_id]
    reset(owner, fresh(intermediate), at)
    assert reset(owner, fresh(root), at).state == "not_enabled"


@pytest.mark.parametrize("step", ["finish_reset", "end_authority"])
def test_a_reset_that_was_cut_short_counts_and_is_finished(
    owner: Person, root: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    enable(owner, root, at)

    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(f"hanaper.apps.private_ca.services.resetting.{step}", power_cut)
        with pytest.raises(RuntimeError):
            reset(owner, fresh(root), at)
    ca = fresh(root)
    assert ca.state == "not_enabled" and ca.reset_at == at and ca.resetting
    refused("reset_under_way", lambda: enable(owner, ca, at))
    assert sweep(at, clock.system_now()) == 1 and sweep(at, clock.system_now()) == 0
    assert fresh(root).authority is None and not StoredKey.objects.exists()
    assert enable(owner, fresh(root), at).state == "enabled"


def test_the_sweep_finishes_a_reset_while_whoever_asked_for_it_does(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at)
    reset(owner, fresh(intermediate), at)
    real, met = ending.final_answers, []

    def meanwhile(authority: Authority, rows: Any, *, at: datetime) -> Any:
        if not met:
            met.append("the sweep")
            ending._bury(authority, at)
        return real(authority, rows, at=at)

    monkeypatch.setattr(ending, "final_answers", meanwhile)
    assert reset(owner, fresh(root), at).state == "not_enabled"
    assert met and fresh(root).authority is None
    # The root's own certificate, and the intermediate's.
    assert Tombstone.objects.count() == 2 and not Issuance.objects.filter(authority__private_ca=root).exists()


def test_a_reset_of_many_certificates_is_answered_at_once_and_goes_on_by_itself(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at)
    issued = services.Request("server", names={"dns": ["a.example"]})
    for _ in range(5):
        services.issue(owner.actor, fresh(intermediate), issued, at=at)
    monkeypatch.setattr(ending, "BATCH", 2)
    monkeypatch.setattr(resetting, "BATCH", 2)
    monkeypatch.setattr(private_sweep, "SLICE", 0.0)  # a step a round
    told = reset(owner, fresh(intermediate), at)
    assert told.state == "not_enabled" and told.resetting and Tombstone.objects.count() == 2
    # The root goes meanwhile, and takes nothing away that the other still needs.
    assert not reset(owner, fresh(root), at).authority or sweep(at, clock.system_now())
    rounds = 0
    while PrivateCA.objects.filter(resetting=True).exists():
        rounds += 1
        assert rounds < 20 and sweep(at, clock.system_now()) >= 1
    assert rounds > 2 and not PrivateCertificate.objects.exists() and not StoredKey.objects.exists()
    assert Tombstone.objects.count() == 7 and fresh(intermediate).authority is None


def test_refunded_by_hand_its_key_goes_too(
    owner: Person, order: Order, root: PrivateCA, at: datetime
) -> None:
    """R7: an operator may refund what was not reset; it cannot be enabled again."""
    enable(owner, root, at)
    with transaction.atomic():
        end_refunded(order, at)
    assert fresh(root).state == "refunded"
    sweep(at, clock.system_now())
    assert not StoredKey.objects.exists() and fresh(root).authority is None
    refused("ca_refunded", lambda: enable(owner, fresh(root), at))


def test_the_term_ends(owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime) -> None:
    enable(owner, root, at)
    end = root.term_ends_at
    assert (end.year, end.month, end.day) == (at.year + 1, at.month, at.day)
    assert sweep(end - timedelta(seconds=1), clock.system_now()) == 2, "told that it ends"
    assert sweep(end - timedelta(seconds=1), clock.system_now()) == 0
    refused("ca_expired", lambda: enable(owner, intermediate, end))
    assert sweep(end, clock.system_now()) == 2
    ca = fresh(root)
    assert ca.state == "expired" and ca.authority is not None and not ca.authority.issuing
    assert {event.subject for event in Event.objects.filter(kind="private_ca.expired")} == {
        root.public_id,
        intermediate.public_id,
    }
    assert sweep_authorities(end, clock.system_now()) >= 1, "its lists go on"


def test_a_plan_resets(owner: Person, order: Order, root: PrivateCA, at: datetime) -> None:
    enable(owner, root, at)
    undo_step(owner.actor, order, "reset", root.public_id, at)
    assert fresh(root).state == "not_enabled" and fresh(root).reset_at == at
    undo_step(owner.actor, order, "reset", root.public_id, at)
    assert AuditEntry.objects.filter(action="private_ca.reset").count() == 1
