"""Orders over REST: the whole way of buying, its refusals, and the walls of every address."""

from datetime import timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.ledger.services import credit_balance
from hanaper.apps.orders import services
from hanaper.apps.orders.models import Order
from tests.people import SETUP, Person, Rest
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, WILDCARD, Make, buy

BODY = {"lines": [{"product": SINGLE, "quantity": 2}, {"product": WILDCARD}], "currency": "USD"}


@pytest.fixture
def at() -> Any:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def funded(owner: Person, catalogue: None, at: Any) -> Person:
    assert owner.account is not None
    credit_balance(SETUP, owner.account, amount=1_000_000, currency="USD", reason="tests", at=at)
    return owner


def place(person: Person, body: dict[str, Any] = BODY) -> dict[str, Any]:
    answer = person.rest.post("/orders", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def pay(person: Person, order: str) -> Any:
    return person.rest.post(f"/orders/{order}/pay", {"means": [{"means": "balance"}]})


def test_quote_place_pay_receipt(
    funded: Person, make_voucher: Make, make_coupon: Make, make_promotion: Make
) -> None:
    make_coupon()
    promotion = make_promotion()
    body = {
        **BODY,
        "vouchers": [make_voucher().public_id],
        "coupon": "spring",
        "promotion": promotion.public_id,
    }
    quoted = funded.rest.post("/quotes", body).json()
    assert (quoted["subtotal"], quoted["discount"], quoted["total"]) == (42_000, 8400, 33_600)
    assert (quoted["coupon"], quoted["voucher"], quoted["money"]) == (3360, 5000, 25_240)
    assert quoted["refund_terms"] == {"policy": "2024-10-25", "refundable": True, "days": 3, "zone": "UTC"}
    assert quoted["vouchers"] == [{"voucher": body["vouchers"][0], "amount": 5000}]
    assert Order.objects.count() == 0

    order = place(funded, {**body, "expected_money": quoted["money"]})
    shared = (
        "subtotal",
        "discount",
        "total",
        "coupon",
        "voucher",
        "money",
        "tax",
        "promotion",
        "refund_terms",
    )
    assert {name: order[name] for name in shared} == {name: quoted[name] for name in shared}
    assert (order["state"], order["state_label"], order["payment"]["state"]) == ("unpaid", "Unpaid", "open")
    assert funded.rest.get(f"/orders/{order['id']}/receipt").status_code == 409

    paid = pay(funded, order["id"]).json()
    assert (paid["state"], paid["payment"]["state"], paid["expires_at"]) == ("paid", "paid", None)
    assert [line["quota_available"] for line in paid["lines"]] == [2, 1]
    assert paid == funded.rest.get(f"/orders/{order['id']}").json()

    receipt = funded.rest.get(f"/orders/{order['id']}/receipt").json()
    assert [(part["means"], part["captured"]) for part in receipt["payments"]] == [
        ("coupon", 3360),
        ("voucher", 5000),
        ("balance", 25_240),
    ]
    assert receipt["account_name"] == "Example Ltd"


def test_placing_twice_with_one_key_places_one(funded: Person) -> None:
    first = funded.rest.post("/orders", BODY, key="once")
    again = funded.rest.post("/orders", BODY, key="once")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1
    other = funded.rest.post("/orders", {**BODY, "currency": "EUR"}, key="once")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


def test_cancel(funded: Person) -> None:
    order = place(funded)
    cancelled = funded.rest.post(f"/orders/{order['id']}/cancel").json()
    assert (cancelled["state"], cancelled["cancelled_because"]) == ("cancelled", "customer")
    again = funded.rest.post(f"/orders/{order['id']}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "order_not_unpaid")
    assert pay(funded, order["id"]).json()["error"]["code"] == "order_not_unpaid"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"lines": []}, 422, "lines"),
        ({"lines": [{"product": SINGLE, "quantity": 0}]}, 422, "lines.0.quantity"),
        ({"lines": [{"product": SINGLE, "quantity": -1}]}, 422, "lines.0.quantity"),
        ({"lines": [{"product": SINGLE, "quantity": 10**40}]}, 422, "lines.0.quantity"),
        ({"lines": [{"product": SINGLE, "quantity": 1.5}]}, 422, "lines.0.quantity"),
        ({"lines": [{"product": "x" * 65}]}, 422, "lines.0.product"),
        ({"lines": [{"product": SINGLE}, {"product": "https-gateway-1m"}]}, 422, "lines.1.product"),
        ({"lines": "many"}, 422, "lines"),
        ({"currency": "XYZ"}, 422, "currency"),
        ({"currency": None}, 422, "currency"),
        ({"coupon": "NONE"}, 422, "coupon"),
        ({"vouchers": ["vch_none"]}, 404, "vouchers.0"),
        ({"promotion": "prm_none"}, 422, "promotion"),
        ({"expected_money": 1}, 409, "expected_money"),
    ],
)
def test_bad_input(funded: Person, change: dict[str, Any], status: int, field: str) -> None:
    answer = funded.rest.post("/orders", {**BODY, **change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "means",
    [
        [],
        [{"means": "voucher"}],
        [{"means": "balance", "amount": 0}],
        [{"means": "balance", "amount": -5}],
        [{"means": "balance", "amount": 1}],
        [{"means": "card"}],
        [{"means": "balance"}] * 2,
        [{"means": "balance"}] * 3,
    ],
)
def test_bad_means(funded: Person, means: list[Any]) -> None:
    order = place(funded)
    answer = funded.rest.post(f"/orders/{order['id']}/pay", {"means": means})
    assert answer.status_code == 422, answer.content
    assert funded.rest.get(f"/orders/{order['id']}").json()["state"] == "unpaid"


def test_lists(funded: Person) -> None:
    orders = [place(funded)["id"] for _ in range(3)]
    pay(funded, orders[1])
    gateway = place(funded, {"lines": [{"product": "https-gateway-1m"}], "currency": "USD"})["id"]

    def ids(**parameters: Any) -> list[str]:
        return [item["id"] for item in funded.rest.get("/orders", parameters).json()["items"]]

    assert ids() == [gateway, *reversed(orders)]
    assert ids(sort="placed_at") == [*orders, gateway]
    assert ids(state="paid") == [orders[1]]
    assert ids(product="https_gateway") == [gateway]
    placed = funded.rest.get(f"/orders/{orders[2]}").json()["placed_at"]
    assert ids(placed_after=placed) == [gateway, orders[2]]
    assert ids(placed_before=placed) == [orders[1], orders[0]]
    first = funded.rest.get("/orders", {"limit": 3}).json()
    rest = funded.rest.get("/orders", {"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids()
    assert rest["next_cursor"] is None
    for parameters in (
        {"state": "lost"},
        {"sort": "money"},
        {"placed_after": "yesterday"},
        {"placed_after": "2026-03-01T00:00:00"},
        {"limit": 0},
        {"cursor": "x"},
    ):
        assert funded.rest.get("/orders", parameters).status_code == 422, parameters


READS = ["/orders/{}", "/orders/{}/receipt"]
WRITES = ["/orders/{}/pay", "/orders/{}/cancel"]


@pytest.mark.parametrize("path", READS + WRITES)
def test_the_wall_of_an_order(
    funded: Person, stranger: Person, finance: Person, nobody: Rest, path: str, at: Any
) -> None:
    order = buy(funded, SINGLE, at=at).public_id
    body = {"means": [{"means": "balance"}]} if path.endswith("pay") else None

    def ask(rest: Rest, order: str) -> Any:
        return rest.get(path.format(order)) if path in READS else rest.post(path.format(order), body)

    answers = [ask(stranger.rest, order), ask(stranger.rest, "ord_" + "0" * 24), ask(funded.rest, "ord_x")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert {answer.json()["error"]["code"] for answer in answers} == {"order_not_found"}
    assert ask(nobody, order).status_code == 401
    assert ask(finance.rest, order).status_code == 403


def test_colleagues_and_readers(funded: Person, colleague: Person, reader: Person, stranger: Person) -> None:
    order = place(colleague)["id"]
    for person in (funded, colleague, reader):
        assert person.rest.get(f"/orders/{order}").status_code == 200
        assert len(person.rest.get("/orders").json()["items"]) == 1
        assert person.rest.post("/quotes", BODY).status_code == 200
    assert stranger.rest.get("/orders").json()["items"] == []
    for path, body in (("/orders", BODY), (f"/orders/{order}/cancel", None)):
        answer = reader.rest.post(path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "role_too_small")
    assert pay(reader, order).status_code == 403
    assert pay(colleague, order).json()["state"] == "paid"


def test_operators_see_every_account(funded: Person, stranger: Person, reviewer: Person, at: Any) -> None:
    ours, theirs = buy(funded, SINGLE, at=at), buy(stranger, SINGLE, at=at)

    def ids(**parameters: Any) -> set[str]:
        return {item["id"] for item in reviewer.rest.get("/operator/orders", parameters).json()["items"]}

    assert ids() == {ours.public_id, theirs.public_id}
    assert ids(search="stranger@example.net") == {theirs.public_id}
    assert ids(search=ours.public_id) == {ours.public_id}
    assert ids(account=theirs.account.public_id) == {theirs.public_id}
    assert ids(search="nobody@example.org") == set()
    assert reviewer.rest.get(f"/operator/orders/{ours.public_id}").json()["id"] == ours.public_id
    for path in ("/operator/orders", f"/operator/orders/{ours.public_id}", "/operator/published-policies"):
        assert funded.rest.get(path).status_code == 403


def test_publishing_a_policy(funded: Person, administrator: Person, finance: Person) -> None:
    body = {"name": "2026-03-18"}
    assert finance.rest.post("/operator/published-policies", body).status_code == 403
    assert administrator.rest.post("/operator/published-policies", {"name": "x"}).status_code == 422
    answer = administrator.rest.post("/operator/published-policies", body)
    assert (answer.status_code, answer.json()["name"]) == (201, "2026-03-18")
    assert place(funded)["refund_terms"]["policy"] == "2026-03-18"
    listed = finance.rest.get("/operator/published-policies").json()["items"]
    assert [(item["name"], item["published_by"]) for item in listed] == [
        ("2026-03-18", administrator.user.email)
    ]


def test_a_refund_under_way_is_said(funded: Person, at: Any) -> None:
    order = buy(funded, SINGLE, at=at)
    services.begin_refund(SETUP, order, reference="rfd_x", at=at)
    shown = funded.rest.get(f"/orders/{order.public_id}").json()
    assert (shown["state"], shown["state_label"]) == ("refund_in_progress", "Refund in progress")
    services.finish_refund(SETUP, order, reference="rfd_x", at=at)
    # R6
    assert funded.rest.get(f"/orders/{order.public_id}").json()["state_label"] == "Refund successfully"
