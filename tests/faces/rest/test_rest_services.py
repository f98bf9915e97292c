"""Private CAs, gateways and other services over REST, each inside its account."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper import clock
from tests.people import Person, Rest
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

LISTS = {
    "/private-cas": "private-root-ca",
    "/gateways": "https-gateway-1m",
    "/services": "message-1000",
}


@pytest.fixture
def at() -> Any:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.mark.parametrize("path", LISTS)
def test_the_wall(
    owner: Person,
    colleague: Person,
    reader: Person,
    stranger: Person,
    finance: Person,
    nobody: Rest,
    catalogue: None,
    at: Any,
    path: str,
) -> None:
    order = buy(owner, LISTS[path], at=at)
    for person in (owner, colleague, reader):
        items = person.rest.get(path).json()["items"]
        assert {item["order"] for item in items} == {order.public_id}
        for item in items:
            assert person.rest.get(f"{path}/{item['id']}").json() == item
    assert stranger.rest.get(path).json()["items"] == []
    for thing in (items[0]["id"], "none"):
        assert stranger.rest.get(f"{path}/{thing}").status_code == 404
    for address in (path, f"{path}/{items[0]['id']}"):
        assert nobody.get(address).status_code == 401
        assert finance.rest.get(address).status_code == 403


@pytest.mark.parametrize("path", LISTS)
def test_a_longer_list_costs_no_more_queries(owner: Person, catalogue: None, at: Any, path: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            owner.rest.get(path)
        return len(counted)

    buy(owner, LISTS[path], at=at)
    cost()  # stamps the key's use
    first = cost()
    for _ in range(3):
        buy(owner, LISTS[path], at=at)
    assert cost() == first


def test_filters(owner: Person, catalogue: None, at: Any) -> None:
    for code in LISTS.values():
        buy(owner, code, at=at)

    def count(path: str, **parameters: str) -> int:
        return len(owner.rest.get(path, parameters).json()["items"])

    assert (count("/private-cas", kind="root"), count("/private-cas", state="enabled")) == (1, 0)
    assert (count("/gateways", state="no_domain"), count("/gateways", state="active")) == (1, 0)
    assert (count("/services", kind="message"), count("/services", kind="repository")) == (1, 0)
    assert owner.rest.get("/gateways", {"state": "asleep"}).status_code == 422


def test_use(owner: Person, reader: Person, stranger: Person, catalogue: None, at: Any) -> None:
    # R8
    buy(owner, "message-1000", at=at)
    service = owner.rest.get("/services").json()["items"][0]["id"]
    assert reader.rest.post(f"/services/{service}/use").status_code == 403
    assert stranger.rest.post(f"/services/{service}/use").status_code == 404
    assert owner.rest.get(f"/services/{service}").json()["used_at"] is None
    used = owner.rest.post(f"/services/{service}/use").json()
    assert (used["state"], used["state_label"]) == ("used", "Used")
    assert owner.rest.post(f"/services/{service}/use").json() == used
