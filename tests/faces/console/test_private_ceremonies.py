"""Two persons in the console: the rule, what is proposed instead of done, who decides, the transcript."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony, TwoPersonRule
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.apps.private_ca.transcripts import text_of
from hanaper.apps.refunds.services import prepare_plan
from hanaper.core.x509.names import Subject
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
FORM = {"common_name": "Works Root", "algorithm": "ec-p256", "years": "3"}


@pytest.fixture
def second(colleague: Person) -> Client:
    found = Client()
    found.force_login(colleague.user)
    return found


@pytest.fixture
def rule(owner: Person, colleague: Person, at: datetime) -> None:
    services.switch_on(owner.actor, owner.account, at=at)


@pytest.fixture
def root(owner: Person, catalogue: None, published: object, at: datetime) -> PrivateCA:
    return PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")


def proposed(owner: Person, client: Client, root: PrivateCA) -> Ceremony:
    client.post(page(owner, "enable-private-ca", root.public_id), FORM)
    return Ceremony.objects.get()


def test_switched_on_by_an_owner_and_ended_by_two(
    owner: Person, colleague: Person, client: Client, second: Client
) -> None:
    listed = page(owner, "ceremonies")
    assert "Switch it on" in text(client.get(listed)) and "Switch it on" not in text(second.get(listed))
    assert second.post(page(owner, "switch-two-persons-on")).status_code == 403
    answer = client.post(page(owner, "switch-two-persons-on"), follow=True)
    assert f"Switched on by {owner.user.email}" in text(answer)
    answer = client.post(page(owner, "propose-one-person"), follow=True)
    made = Ceremony.objects.get()
    assert "You proposed it" in text(answer) and made.operation == "one_person"
    # Of the members only owners have a say in it.
    assert "Approve</button>" not in text(second.get(page(owner, "ceremony", made.public_id)))
    assert TwoPersonRule.objects.exists()


def test_alone_in_the_account_it_cannot_be_switched_on(owner: Person, client: Client) -> None:
    answer = client.post(page(owner, "switch-two-persons-on"))
    assert answer.status_code == 409 and "Nobody else in this account" in text(answer)
    assert not TwoPersonRule.objects.exists()


def test_enabling_is_proposed_and_done_by_the_second(
    owner: Person, client: Client, second: Client, rule: None, root: PrivateCA
) -> None:
    address = page(owner, "enable-private-ca", root.public_id)
    assert "It takes two persons here" in text(client.get(address))
    answer = client.post(address, FORM, follow=True)
    made = Ceremony.objects.get()
    assert answer.redirect_chain[-1][0] == page(owner, "ceremony", made.public_id)
    assert "Approve</button>" not in text(answer) and "Withdraw</button>" in text(answer)
    root.refresh_from_db()
    assert root.state == PrivateCaState.NOT_ENABLED
    shown = text(client.get(page(owner, "private-ca", root.public_id)))
    assert f"It was proposed by {owner.user.email}" in shown
    assert client.post(address, FORM).status_code == 409 and Ceremony.objects.count() == 1
    decide = page(owner, "decide-ceremony", made.public_id)
    assert client.post(decide, {"decision": "approve"}).status_code == 403
    answer = second.post(decide, {"decision": "approve"}, follow=True)
    assert "Approved; it is carried out." in text(answer) and "Carried out" in text(answer)
    root.refresh_from_db()
    assert (root.state, root.name) == (PrivateCaState.ENABLED, "Works Root")


def test_faults_are_told_before_anything_is_proposed(
    owner: Person, client: Client, rule: None, root: PrivateCA
) -> None:
    answer = client.post(page(owner, "enable-private-ca", root.public_id), {**FORM, "years": "99"})
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"years"}
    assert not Ceremony.objects.exists()


def test_a_reset_is_proposed_with_its_tick(
    owner: Person, colleague: Person, client: Client, second: Client, ca: PrivateCA, at: datetime
) -> None:
    root = ca.parent
    assert root is not None
    token = services.prepare_reset(owner.actor, ca).token
    services.reset_ca(owner.actor, ca, confirmation=token, deletes_all_data=True, at=at)
    services.switch_on(owner.actor, owner.account, at=at)
    address = page(owner, "reset-private-ca", root.public_id)
    form = {"confirmation": client.get(address).context["warned"].token}
    refused = client.post(address, form)
    assert refused.status_code == 422 and set(refused.context["faults"]) == {"confirm_deletes_all_data"}
    assert not Ceremony.objects.exists()
    client.post(address, {**form, "confirm_deletes_all_data": "yes"})
    made = Ceremony.objects.get()
    assert "What a reset deletes cannot be brought back." in text(
        second.get(page(owner, "ceremony", made.public_id))
    )
    second.post(page(owner, "decide-ceremony", made.public_id), {"decision": "approve"})
    root.refresh_from_db()
    assert root.state == PrivateCaState.NOT_ENABLED and root.reset_at is not None


def test_refused_for_a_reason_or_withdrawn(
    owner: Person, client: Client, second: Client, rule: None, root: PrivateCA
) -> None:
    made = proposed(owner, client, root)
    decide = page(owner, "decide-ceremony", made.public_id)
    blank = second.post(decide, {"decision": "refuse", "reason": " "})
    assert blank.status_code == 422 and "reason-fault" in text(blank)
    assert second.post(decide, {"decision": "withdraw"}).status_code == 403
    assert second.post(decide, {"decision": "shrug"}).status_code == 422
    made.refresh_from_db()
    assert made.state == "proposed"
    assert "Refused." in text(second.post(decide, {"decision": "refuse", "reason": "too long"}, follow=True))
    over = client.post(decide, {"decision": "withdraw"})
    assert over.status_code == 409 and "waits for nobody" in text(over)
    client.post(page(owner, "enable-private-ca", root.public_id), FORM)
    again = Ceremony.objects.latest("pk")
    client.post(page(owner, "decide-ceremony", again.public_id), {"decision": "withdraw"})
    again.refresh_from_db()
    assert again.state == "withdrawn"


def test_the_transcript_is_a_file(owner: Person, client: Client, rule: None, root: PrivateCA) -> None:
    made = proposed(owner, client, root)
    answer = client.get(page(owner, "ceremony-transcript", made.public_id))
    assert answer["Content-Disposition"] == f'attachment; filename="{made.public_id}.txt"'
    assert answer.content.decode() == text_of(made)
    shown = text(client.get(page(owner, "ceremony", made.public_id)))
    assert made.entries.get().hash in shown and "<strong>Proposed</strong>" in shown


def test_what_nobody_decided_in_time_is_offered_no_more(
    owner: Person, client: Client, second: Client, rule: None, root: PrivateCA
) -> None:
    made = proposed(owner, client, root)
    Ceremony.objects.filter(pk=made.pk).update(expires_at=clock.now())
    assert "Approve</button>" not in text(second.get(page(owner, "ceremony", made.public_id)))


def test_what_is_to_be_done_is_said_in_words(
    owner: Person, client: Client, second: Client, rule: None, root: PrivateCA, at: datetime
) -> None:
    """Everything the second person answers for, and nothing as data."""
    constrained = {"subject": {"common_name": "Works Root", "country": "DE"}, "shards": 4, "ocsp": True}
    wanted = {**constrained, "name_constraints": {"permitted": {"dns": ["works.example"]}}}
    made = owner.rest.post(
        f"/private-cas/{root.public_id}/ceremonies", {"operation": "enable", "enable": wanted}
    ).json()["id"]
    shown = text(second.get(page(owner, "ceremony", made)))
    for said in (
        "Works Root",
        "DE",
        "ECDSA P-384",
        "10 years",
        "4 shards besides",
        "works.example",
        "named in",
    ):
        assert said in shown, said
    assert "permitted" not in shown and "&quot;" not in shown and "null" not in shown
    second.post(page(owner, "decide-ceremony", made), {"decision": "approve"})
    below = PrivateCA.objects.get(order=root.order, kind="intermediate")
    client.post(
        page(owner, "enable-private-ca", below.public_id), {**FORM, "parent": root.public_id, "years": "2"}
    )
    shown = text(second.get(page(owner, "ceremony", Ceremony.objects.latest("pk").public_id)))
    assert "2 years" in shown and "ECDSA P-256" in shown
    client.post(page(owner, "renew-ca", root.public_id), {"new_key": "yes", "algorithm": "rsa-4096"})
    renewal = text(second.get(page(owner, "ceremony", Ceremony.objects.latest("pk").public_id)))
    assert "a new key, RSA 4096" in renewal and "10 years" in renewal


def test_a_plan_that_needs_two_leads_to_where_they_propose(
    owner: Person, colleague: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    services.switch_on(owner.actor, owner.account, at=at)
    order = ca.order
    answer = client.post(page(owner, "prepare-plan", order.public_id), follow=True)
    plan = answer.context["plan"]
    said = client.post(page(owner, "confirm-plan", plan.public_id), {"token": plan.token, "accept": "yes"})
    shown = text(said)
    assert said.status_code == 409 and "it takes two persons" in shown
    assert page(owner, "ceremonies") in shown and "POST /api" not in shown


def test_a_plan_says_before_it_is_confirmed_that_two_are_needed(
    owner: Person, colleague: Person, client: Client, root: PrivateCA, at: datetime
) -> None:
    """Nothing is offered that is refused; once the reset is approved the plan can be confirmed."""
    services.enable_ca(owner.actor, root, CaSettings(subject=Subject(common_name="Works Root")), at=at)
    services.switch_on(owner.actor, owner.account, at=at)
    plan = prepare_plan(owner.actor, root.order, at=at)
    address = page(owner, "plan", plan.public_id)
    shown = text(client.get(address))
    assert "takes two persons" in shown and page(owner, "private-ca", root.public_id) in shown
    assert ">OK<" not in shown and "Cancel the plan" in shown
    Ceremony.objects.create(
        account=root.account, ca=root, operation="reset", state="approved",
        proposed_by=owner.user, proposed_at=at, expires_at=at + timedelta(days=7),
        decided_by=colleague.user, decided_at=at, actor={},
    )  # fmt: skip
    shown = text(client.get(address))
    assert "takes two persons" not in shown and ">OK<" in shown
