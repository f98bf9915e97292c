"""R14: by hand, for a reason, with a second person, within R3 and R4."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.certificates.services import creating
from hanaper.apps.refunds import queries
from hanaper.apps.refunds.models import Refund
from hanaper.apps.refunds.services import approve_refund, decline_refund, propose_refund, request_refund
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from tests.apps.refunds.test_request import DV, settle
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db(transaction=True)

LATER = datetime.fromisoformat("2026-06-01T00:00:00+00:00")


def test_a_second_person_approves(
    owner: Person, finance: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    refund = propose_refund(finance.actor, order, reason="goodwill", at=LATER)
    assert refund.state == "proposed"
    order.refresh_from_db()
    assert order.state == "paid"  # nothing is locked before the second person
    with pytest.raises(Forbidden) as refused:
        approve_refund(finance.actor, refund, at=LATER)
    assert (refused.value.code, refused.value.clause) == ("second_person_required", "R14")
    approve_refund(administrator.actor, refund, at=LATER)
    settle(LATER)
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.state, order.state, refund.amount) == ("succeeded", "refunded", order.money)


def test_a_part_is_enough(
    owner: Person, finance: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    refund = propose_refund(finance.actor, order, reason="half", amount=7, at=LATER)
    approve_refund(administrator.actor, refund, at=LATER)
    settle(LATER)
    assert [one.amount for one in Refund.objects.all()] == [7]


@pytest.mark.parametrize("amount", [0, -1, 1901, 10**15])
def test_never_beyond_what_was_paid(
    amount: int, owner: Person, finance: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    with pytest.raises(InvalidInput) as refused:
        propose_refund(finance.actor, order, reason="too much", amount=amount, at=LATER)
    assert (refused.value.code, refused.value.clause, refused.value.field) == ("over_refund", "R3", "amount")
    assert not Refund.objects.exists()


def test_a_reason_is_needed(owner: Person, finance: Person, catalogue: None, at: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose_refund(finance.actor, buy(owner, DV, at=at), reason=" ", at=LATER)
    assert refused.value.field == "reason"


def test_declined(owner: Person, finance: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)
    refund = propose_refund(finance.actor, order, reason="goodwill", at=LATER)
    with pytest.raises(Refusal) as refused:
        propose_refund(finance.actor, order, reason="again", at=LATER)
    assert refused.value.code == "refund_proposed"
    decline_refund(finance.actor, refund, reason="no", at=LATER)
    refund.refresh_from_db()
    assert refund.state == "declined"
    with pytest.raises(Refusal) as refused:
        approve_refund(finance.actor, refund, at=LATER)
    assert refused.value.code == "refund_not_proposed"


def test_only_finance(owner: Person, reviewer: Person, catalogue: None, at: datetime) -> None:
    order = buy(owner, DV, at=at)
    for person in (owner, reviewer):
        with pytest.raises(Forbidden):
            propose_refund(person.actor, order, reason="me", at=LATER)


def test_the_second_person_is_one_by_constraint(
    owner: Person, finance: Person, catalogue: None, at: datetime
) -> None:
    refund = propose_refund(finance.actor, buy(owner, DV, at=at), reason="goodwill", at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state="paying", approved_by=refund.proposed_by)


def test_used_since_it_was_proposed(
    owner: Person, finance: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    refund = propose_refund(finance.actor, order, reason="goodwill", at=at)
    creating.create(owner.actor, creating.line_of(order, None), at=at)
    with pytest.raises(Refusal) as refused:
        approve_refund(administrator.actor, refund, at=LATER)
    assert (refused.value.code, refused.value.clause) == ("used_since", "R10")
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.state, order.state) == ("proposed", "paid")


def test_despite_use_what_it_paid_for_ends(
    owner: Person, finance: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    """R10 holds for support too, unless the reason covers the use; then the thing ends with the order."""
    order = buy(owner, DV, at=at)
    certificate = creating.create(owner.actor, creating.line_of(order, None), at=at)
    with pytest.raises(Refusal) as refused:
        propose_refund(finance.actor, order, reason="goodwill", at=at)
    assert (refused.value.code, refused.value.clause) == ("refund_needs_steps", "R10")
    assert certificate.public_id in refused.value.next_steps[0]
    refund = propose_refund(finance.actor, order, reason="goodwill", despite_use=True, at=at)
    approve_refund(administrator.actor, refund, at=at)
    settle(at)
    certificate.refresh_from_db()
    order.refresh_from_db()
    assert (order.state, certificate.state) == ("refunded", "removed")


def test_which_refunds_need_a_person(owner: Person, finance: Person, catalogue: None, at: datetime) -> None:
    proposed = propose_refund(finance.actor, buy(owner, DV, at=at), reason="goodwill", at=at)
    request_refund(owner.actor, buy(owner, DV, at=at), at=at)
    assert list(queries.refunds(finance.actor, needs_person=True)) == [proposed]
    body = finance.rest.get("/operator/refunds", {"needs_person": True}).json()
    assert [one["id"] for one in body["items"]] == [proposed.public_id]
