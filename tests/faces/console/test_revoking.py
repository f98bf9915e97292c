"""Revoke Certificate and its review: every reason that is offered is one that the service takes."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Company
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.vocabulary import SUBSCRIBER_REASONS, RevocationReason
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.refunds.services import prepare_plan
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.people import Person
from tests.shop import buy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def confirmation(page: str) -> str:
    found = re.search('name="confirmation" value="([^"]+)"', page)
    assert found
    return found[1]


def offered(page: str) -> list[str]:
    select = re.search('<select id="reason".*?</select>', page, re.DOTALL)
    assert select
    return re.findall('value="([^"]+)"', select[0])


def test_every_reason_that_is_offered_is_taken(owner: Person, issued: Callable[..., Certificate]) -> None:
    client, place = client_of(owner), owner.account.public_id  # type: ignore[union-attr]
    first = issued()
    page = client.get(f"/a/{place}/certificates/{first.public_id}/revoke/").content.decode()
    assert offered(page) == [reason.value for reason in SUBSCRIBER_REASONS]
    for number, reason in enumerate(offered(page)):
        one = first if number == 0 else issued(domains=[f"w{number}.example.com"])
        address = f"/a/{place}/certificates/{one.public_id}/revoke/"
        token = confirmation(client.get(address).content.decode())
        answer = client.post(address, {"confirmation": token, "reason": reason, "text": "why"})
        assert answer.status_code == 302, reason
        assert RevocationRequest.objects.get(certificate=one).reason == reason


@pytest.mark.parametrize("reason", ["certificateHold", "keyCompromise", "privilege_withdrawn", "nonsense"])
def test_no_other_reason_is(owner: Person, issued: Callable[..., Certificate], reason: str) -> None:
    client, one = client_of(owner), issued()
    address = f"/a/{owner.account.public_id}/certificates/{one.public_id}/revoke/"  # type: ignore[union-attr]
    token = confirmation(client.get(address).content.decode())
    assert client.post(address, {"confirmation": token, "reason": reason}).status_code == 422
    one.refresh_from_db()
    assert one.state == "issued" and not RevocationRequest.objects.exists()


def test_an_operator_s_reasons_for_cause(reviewer: Person, issued: Callable[..., Certificate]) -> None:
    client, one = client_of(reviewer), issued()
    address = f"/operator/certificates/{one.public_id}/for-cause/"
    page = client.get(address).content.decode()
    assert offered(page) == [reason.value for reason in RevocationReason]
    told = {"confirmation": confirmation(page), "reason": "key_compromise", "text": "found on a forum"}
    assert client.post(address, told).status_code == 302
    assert RevocationRequest.objects.get(certificate=one).reason == RevocationReason.KEY_COMPROMISE


def test_the_sites_that_are_served_with_it_are_named(
    owner: Person, stranger: Person, reviewer: Person, issued: Callable[..., Certificate], at: datetime
) -> None:
    """Before it is revoked by hand, by a plan, or for cause; another account's sites never."""
    one, place = issued(at=clock.now()), owner.account.public_id  # type: ignore[union-attr]
    for who, domain in ((owner, "shop.example.com"), (stranger, "theirs.example.com")):
        gateway = GatewayInstance.objects.filter(order=buy(who, "https-gateway-3m", at=clock.now()))
        gateway.update(domain=domain, state="active", certificate=one.public_id)
    told = "Sites that a gateway serves with this certificate: 1 (shop.example.com)."
    hand = f"/a/{place}/certificates/{one.public_id}/revoke/"
    cause = f"/operator/certificates/{one.public_id}/for-cause/"
    assert told in client_of(owner).get(hand).content.decode()
    assert told in client_of(reviewer).get(cause).content.decode()
    plan = prepare_plan(owner.actor, one.order, at=clock.now())
    notes = {step.action: step.note for step in plan.steps.all()}
    assert told in notes["revoke"] and told not in notes["approve_revocation"]
    GatewayInstance.objects.update(certificate="")
    assert "Sites that a gateway" not in client_of(owner).get(hand).content.decode()


def test_a_reviewer_reads_who_the_company_is_and_no_id(
    reviewer: Person, validating: Callable[..., Certificate], company: Company, publish, work
) -> None:
    at = clock.now()
    one = validating("hanaper-ov-single-1y", at=at, company=company.public_id)
    publish(one)
    work(at)
    page = client_of(reviewer).get("/operator/reviews/").content.decode()
    assert "Example Ltd<br>" in page and company.public_id not in page


def test_approving_none_approves_nothing(
    reviewer: Person, validating_revocation: Callable[..., Certificate]
) -> None:
    one = validating_revocation()
    answer = client_of(reviewer).post("/operator/reviews/several/", {})
    assert answer.status_code == 422 and "Choose one at least." in answer.content.decode()
    one.refresh_from_db()
    assert one.state == "validating_revocation"
