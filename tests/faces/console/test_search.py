"""Search by anything: what operators paste leads to its page, and customers see only what is theirs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.refunds import services
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.people import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]


def lead(person: Person, text: str) -> str:
    """Where a search leads; its page where it leads nowhere."""
    client = Client()
    client.force_login(person.user)
    place = person.account.public_id if person.account else None
    address = f"/a/{place}/search/" if place else "/operator/search/"
    answer = client.get(address, {"q": text})
    return answer.get("Location") or answer.content.decode()


def test_an_id_leads_to_its_page(
    owner: Person,
    stranger: Person,
    finance: Person,
    validating_revocation: Callable[..., Certificate],
    at: datetime,
) -> None:
    one = validating_revocation()
    plan = services.prepare_plan(owner.actor, one.order, at=at)
    order, transfer = one.order.public_id, Transfer.objects.latest("pk").public_id
    for thing, page in (
        (one.public_id, f"/certificates/{one.public_id}/"),
        (one.revocations.get().public_id, f"/certificates/{one.public_id}/"),
        (order, f"/orders/{order}/"),
    ):
        assert lead(finance, thing) == f"/operator{page}"
        assert lead(owner, thing) == f"/a/{owner.account.public_id}{page}"  # type: ignore[union-attr]
        assert "Nothing was found" in lead(stranger, thing)
    assert lead(finance, plan.public_id) == f"/operator/orders/{order}/"
    assert lead(owner, plan.public_id).endswith(f"/plans/{plan.public_id}/")
    assert lead(finance, transfer) == f"/operator/ledger/{transfer}/"
    assert "Nothing was found" in lead(owner, transfer)


@pytest.mark.parametrize("text", ["owner@example.com", "OWNER@exam", "owner@"])
def test_an_address_as_far_as_it_is_known(
    owner: Person, reviewer: Person, validating: Callable[..., Certificate], text: str
) -> None:
    one, found = validating(), lead(reviewer, text)
    assert owner.account is not None
    assert owner.account.public_id in found and one.order.public_id in found
