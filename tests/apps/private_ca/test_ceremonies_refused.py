"""Ceremonies that do not happen: by the same person, of what cannot be done, too late, interrupted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.accounts.services import create_access_key, remove_member
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Authority, StoredKey
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.private_ca.transcripts import text_of
from hanaper.core.errors import NotFound, Refusal
from tests.apps.private_ca.ceremonies import *  # noqa: F403 - its fixtures
from tests.apps.private_ca.ceremonies import fresh, propose_enable, propose_reset, refused
from tests.apps.private_ca.conftest import enable
from tests.people import Person

pytestmark = pytest.mark.django_db


class PowerCut(Exception):
    pass


def test_a_second_person_is_another_person(
    owner: Person, rule: None, reader: Person, stranger: Person, root: PrivateCA, at: datetime
) -> None:
    ceremony = propose_enable(owner, root, at)
    refused("second_person_required", lambda: ceremonies.approve(owner.actor, ceremony, at=at))
    refused("role_too_small", lambda: ceremonies.approve(reader.actor, ceremony, at=at))
    with pytest.raises(NotFound):
        Ceremony.objects.get_visible(stranger.actor, ceremony.public_id, what="ceremony")
    refused("role_too_small", lambda: propose_enable(reader, root, at))
    assert fresh(root).state == "not_enabled" and Ceremony.objects.get().state == "proposed"


def test_no_operator_approves_what_root_cas_do(
    owner: Person, rule: None, administrator: Person, root: PrivateCA, at: datetime
) -> None:
    ceremony = propose_enable(owner, root, at)
    refused("customer_key_required", lambda: ceremonies.approve(administrator.actor, ceremony, at=at))


def test_without_a_person_nothing_is_proposed(
    owner: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    nobody = replace(owner, actor=replace(owner.actor, user_id=None))
    refused("person_required", lambda: propose_enable(nobody, root, at))


def test_a_key_that_the_owner_made_for_a_colleague_is_no_second_person(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    key, _ = create_access_key(owner.actor, name="theirs", account=owner.account, user=colleague.user, at=at)
    borrowed = replace(colleague.actor, access_key=key.public_id)
    ceremony = propose_enable(owner, root, at)
    refused("key_of_another", lambda: ceremonies.approve(borrowed, ceremony, at=at))
    refused("key_of_another", lambda: propose_enable(replace(colleague, actor=borrowed), root, at))
    at_a_browser = replace(colleague.actor, access_key=None)
    assert ceremonies.approve(at_a_browser, ceremony, at=at).state == "carried_out"


def test_what_cannot_be_done_is_not_proposed(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    for code, act in (
        ("parent_not_enabled", lambda: propose_enable(owner, intermediate, at)),
        ("invalid_input", lambda: propose_enable(owner, root, at, years=99)),
        ("not_enabled", lambda: propose_reset(owner, root, at)),
        ("one_is_enough", lambda: propose_reset(owner, intermediate, at)),
    ):
        refused(code, act)
    assert not Ceremony.objects.exists() and not Event.objects.filter(kind="ceremony.proposed").exists()


def test_not_proposed_twice(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    first = propose_enable(owner, root, at)
    second = refused("ceremony_open", lambda: propose_enable(colleague, root, at))
    assert second.details == {"ceremony": first.public_id} and root.public_id in second.message
    assert second.next_steps == (f"Withdraw {first.public_id}, or have it decided first.",)
    ceremonies.withdraw(owner.actor, first, at=at)
    propose_enable(colleague, root, at)


def test_refused_withdrawn_expired(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    first = propose_enable(owner, root, at)
    refused("withdraw_instead", lambda: ceremonies.refuse(owner.actor, first, reason="no", at=at))
    refused("not_yours", lambda: ceremonies.withdraw(colleague.actor, first, at=at))
    refused("invalid_input", lambda: ceremonies.refuse(colleague.actor, first, reason=" ", at=at))
    assert ceremonies.refuse(colleague.actor, first, reason="Not on a Friday", at=at).state == "refused"
    second = propose_enable(owner, root, at)
    assert ceremonies.withdraw(owner.actor, second, at=at).state == "withdrawn"
    third = propose_enable(owner, root, at)
    assert sweep(third.expires_at - timedelta(seconds=1), clock.system_now()) == 0
    refused("ceremony_over", lambda: ceremonies.approve(colleague.actor, third, at=third.expires_at))
    assert sweep(third.expires_at, clock.system_now()) == 1
    third.refresh_from_db()
    assert third.state == "expired" and "Nobody decided in time." in text_of(third)
    for over in (first, second, third):
        refused("ceremony_over", lambda over=over: ceremonies.approve(colleague.actor, over, at=at))
    assert fresh(root).state == "not_enabled" and not StoredKey.objects.exists()
    assert Event.objects.filter(kind="ceremony.ended").count() == 3


def test_not_once_its_proposer_has_left(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    ceremony = propose_enable(colleague, root, at)
    remove_member(owner.actor, owner.account, user_public_id=colleague.user.public_id, at=at)
    refused("proposer_left", lambda: ceremonies.approve(owner.actor, ceremony, at=at))


def test_what_was_done_meanwhile_is_not_approved(
    owner: Person, colleague: Person, root: PrivateCA, at: datetime
) -> None:
    """Without the rule one person may be faster."""
    ceremony = propose_enable(owner, root, at)
    enable(owner, root, at)
    refused("already_enabled", lambda: ceremonies.approve(colleague.actor, ceremony, at=at))
    assert Ceremony.objects.get().state == "proposed"


@pytest.mark.parametrize(
    "where", ["ceremonies.carry_out", "enabling.begin", "enabling.finish_enabling", "enabling.come_out"]
)
def test_cut_short_the_sweep_carries_it_out_once(
    owner: Person,
    colleague: Person,
    rule: None,
    root: PrivateCA,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    ceremony = propose_enable(owner, root, at)

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(f"hanaper.apps.private_ca.services.{where}", cut)
        with pytest.raises(PowerCut):
            ceremonies.approve(colleague.actor, ceremony, at=at)
    for _ in range(2):
        sweep(at, clock.system_now() + timedelta(minutes=10))
    ceremony.refresh_from_db()
    assert ceremony.state == "carried_out" and fresh(root).state == "enabled"
    assert Authority.objects.filter(private_ca=root).count() == 1
    assert AuditEntry.objects.filter(action="private_ca.enabled").count() == 1
    assert AuditEntry.objects.get(action="private_ca.enabled").user == colleague.user
    assert [one.said["what"] for one in ceremony.entries.order_by("position")][2:] == ["carried out"]


def test_while_one_process_is_at_it_another_is_not(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime, monkeypatch: Any
) -> None:
    ceremony = propose_enable(owner, root, at)
    found: list[bool] = []
    real = services.enabling.draft_authority

    def slow(*given: Any, **named: Any) -> Any:
        found.append(ceremonies.carry_out(ceremony.pk, at, clock.system_now()))
        return real(*given, **named)

    monkeypatch.setattr(services.enabling, "draft_authority", slow)
    ceremonies.approve(colleague.actor, ceremony, at=at)
    assert found == [False] and StoredKey.objects.count() == 1


def test_an_approved_one_waits_for_what_passes_and_fails_for_good(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime, monkeypatch: Any
) -> None:
    def refusing(code: str) -> Any:
        def draft(*_: object, **__: object) -> None:
            raise Refusal("Not now.", code=code, next_steps=["Wait for better days."])

        return draft

    ceremony = propose_enable(owner, root, at)
    monkeypatch.setattr(services.enabling, "draft_authority", refusing("keystore_unavailable"))
    assert ceremonies.approve(colleague.actor, ceremony, at=at).state == "approved"
    monkeypatch.setattr(services.enabling, "draft_authority", refusing("lint_failed"))
    sweep(at, clock.system_now() + timedelta(minutes=10))
    ceremony.refresh_from_db()
    assert ceremony.state == "failed" and ceremony.problem == {
        "code": "lint_failed",
        "message": "Not now.",
        "next_steps": ["Wait for better days.", "Propose it again then: this ceremony is over."],
    }
    assert "why: Not now." in text_of(ceremony)
