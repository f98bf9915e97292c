"""Refunds over REST: walls for every route, the shape of a refusal, idempotency, and the whole way by hand."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.payments import sweep as payments
from hanaper.apps.refunds.models import Refund
from tests.people import Person, Rest
from tests.shop import buy, catalogue

__all__ = ["catalogue"]

pytestmark = pytest.mark.django_db(transaction=True)

DV = "hanaper-dv-single-1y"
OPERATORS = ("/operator/refunds/{refund}/approve", "/operator/refunds/{refund}/decline",
             "/operator/refunds/{refund}/give-up", "/operator/orders/{order}/refunds")  # fmt: skip
BODY = {"reason": "because"}
CONFIRM = {"token": "x", "accept": True}


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def order(owner: Person, catalogue: None, now: datetime) -> str:
    return buy(owner, DV, at=now).public_id


@pytest.fixture
def refund(owner: Person, order: str) -> str:
    answer = owner.rest.post(f"/orders/{order}/refunds")
    assert answer.status_code == 201
    return str(answer.json()["id"])


@pytest.mark.parametrize("path", ["/orders/{order}/refunds", "/orders/{order}/refund-plan"])
def test_walls_of_writing(
    path: str, order: str, owner: Person, colleague: Person, reader: Person, stranger: Person, reviewer: Person,
    nobody: Rest,
) -> None:  # fmt: skip
    path = path.format(order=order)
    assert nobody.post(path).status_code == 401
    assert stranger.rest.post(path).status_code == 404
    assert reader.rest.post(path).status_code == 403
    assert reviewer.rest.post(path).status_code == 403
    assert not Refund.objects.exists()
    assert colleague.rest.post(path).status_code == 201


def test_walls_of_reading(
    refund: str, order: str, owner: Person, reader: Person, stranger: Person, nobody: Rest, finance: Person
) -> None:
    for path in (f"/refunds/{refund}", f"/orders/{order}/refund-decision"):
        assert nobody.get(path).status_code == 401
        assert stranger.rest.get(path).status_code == 404
        assert reader.rest.get(path).status_code == 200
        assert owner.rest.get(path).status_code == 200
    assert stranger.rest.get("/refunds").json()["items"] == []
    assert [one["id"] for one in reader.rest.get("/refunds").json()["items"]] == [refund]
    assert owner.rest.get(f"/operator/refunds/{refund}").status_code == 403
    assert finance.rest.get(f"/operator/refunds/{refund}").status_code == 200


@pytest.mark.parametrize("path", OPERATORS)
def test_walls_of_finance(
    path: str, refund: str, order: str, owner: Person, stranger: Person, reviewer: Person, nobody: Rest
) -> None:
    path = path.format(refund=refund, order=order)
    assert nobody.post(path, BODY).status_code == 401
    for person in (owner, stranger, reviewer):
        assert person.rest.post(path, BODY).status_code == 403
    assert Refund.objects.get().state == "paying"


@pytest.mark.parametrize("verb", ["confirm", "resume", "cancel"])
def test_walls_of_plans(
    verb: str, order: str, owner: Person, reader: Person, stranger: Person, nobody: Rest
) -> None:
    plan = owner.rest.post(f"/orders/{order}/refund-plan").json()
    path = f"/refund-plans/{plan['id']}"
    body = CONFIRM if verb == "confirm" else None
    assert nobody.post(f"{path}/{verb}", body).status_code == 401
    assert stranger.rest.post(f"{path}/{verb}", body).status_code == 404
    assert stranger.rest.get(path).status_code == 404
    assert reader.rest.post(f"{path}/{verb}", {**CONFIRM, "token": plan["token"]}).status_code == 403
    assert reader.rest.get(path).json()["state"] == "prepared"


def test_a_refusal_names_clause_reasons_and_next_steps(order: str, owner: Person) -> None:
    contact = owner.rest.post("/contacts", {"name": "Ada", "email": "ada@example.com"}).json()["id"]
    certificate = owner.rest.post("/certificates", {"order": order}).json()["id"]
    assert contact
    answer = owner.rest.post(f"/orders/{order}/refunds")
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert (error["code"], error["clause"]) == ("refund_needs_steps", "R10")
    assert certificate in error["next_steps"][0]
    assert error["details"]["decision"]["steps"][0]["action"] == "cancel_apply"


def test_asked_twice_with_one_key_it_happens_once(order: str, owner: Person) -> None:
    first = owner.rest.post(f"/orders/{order}/refunds", key="k1")
    again = owner.rest.post(f"/orders/{order}/refunds", key="k1")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = owner.rest.post(f"/orders/{order}/refunds", key="k2")
    assert other.status_code == 409
    assert other.json()["error"]["details"]["refund"] == first.json()["id"]


def test_a_refund_shows_where_its_money_went(
    refund: str, owner: Person, finance: Person, now: datetime
) -> None:
    payments.sweep(now, clock.system_now() + timedelta(hours=1))
    shown = owner.rest.get(f"/refunds/{refund}").json()
    assert shown["order_label"] == "Refund successfully"
    assert [one["destination"] for one in shown["returns"]] == ["original"]
    assert [one["kind"] for one in shown["transfers"]] == ["refund.reserved", "refund.to_balance"]
    replayed = finance.rest.get(f"/operator/refunds/{refund}/replay").json()
    assert replayed["same"] is True
    assert replayed["decision"] == shown["decision"]


def test_by_hand_over_rest(order: str, finance: Person, administrator: Person) -> None:
    made = finance.rest.post(f"/operator/orders/{order}/refunds", {"reason": "goodwill"})
    assert made.status_code == 201
    path = f"/operator/refunds/{made.json()['id']}/approve"
    assert finance.rest.post(path).json()["error"]["code"] == "second_person_required"
    assert administrator.rest.post(path).json()["state"] == "paying"


def test_lists_are_filtered_and_paged(owner: Person, catalogue: None, now: datetime) -> None:
    made = []
    for minute in range(5):
        order = buy(owner, DV, at=now - timedelta(minutes=minute))
        made.append(owner.rest.post(f"/orders/{order.public_id}/refunds").json()["id"])
    seen, cursor = [], None
    while True:
        page = owner.rest.get("/refunds", {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert owner.rest.get("/refunds", {"state": "given_up"}).json()["items"] == []
    assert owner.rest.get("/refunds", {"state": "nonsense"}).status_code == 422


@pytest.mark.parametrize("count", [1, 6])
def test_no_query_for_each_row(
    count: int, owner: Person, catalogue: None, now: datetime, django_assert_max_num_queries
) -> None:
    for _ in range(count):
        order = buy(owner, DV, at=now)
        owner.rest.post(f"/orders/{order.public_id}/refunds")
    with django_assert_max_num_queries(8):
        assert len(owner.rest.get("/refunds").json()["items"]) == count
