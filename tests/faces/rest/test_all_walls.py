"""All walls at once: the tables name every operation, keep the rules, and no field lets another's id through.

The tables themselves are tried where they stand. What fails here is an operation, or a field that names
something, which was added and thought of nowhere.
"""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from tests.faces.rest.everything import *  # noqa: F403 - its fixtures
from tests.faces.rest.everything import (
    OPERATIONS,
    WALLS,
    Wall,
    ask,
    body_fields,
    filled,
    parameters,
    put,
    resolved,
)
from tests.faces.rest.test_rest_certificates import company_of, contact_of, ok, pending_of, publish
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db

DV = "hanaper-dv-single-1y"
CUSTOMERS = ("owner", "colleague", "reader", "stranger")
OPERATORS = ("reviewer", "finance", "administrator")
FOR_BOTH = {
    ("get", "/system"),
    ("get", "/me"),
    ("get", "/clock"),
    ("get", "/access-keys"),
    ("post", "/access-keys"),
    ("delete", "/access-keys/{}"),
    ("get", "/products"),
    ("get", "/products/{}"),
    ("get", "/promotions"),
    ("get", "/orders/{}/refund-decision"),
    ("get", "/policies"),
    ("get", "/policies/{}"),
    ("get", "/notice-preferences"),
    ("put", "/notice-preferences/{}"),
}
# What whoever reads may do: it changes nothing of the account.
FOR_READERS = {("post", "/quotes"), ("put", "/notice-preferences/{}")}
# Text fields of customers' requests. The first name what belongs to an account, the others nothing of the kind:
# what everybody may name (products, promotions, coupons), and values.
THINGS = {
    "certificates", "company", "confirmation", "contact", "line", "order", "search", "serial", "target", "token",
    "user", "vouchers",
}  # fmt: skip
VALUES = {
    "action", "brand", "business_category", "country", "coupon", "csr", "currency", "cursor", "description",
    "domains", "email",
    "expiry", "format", "id_number", "jurisdiction_country", "jurisdiction_locality", "jurisdiction_state",
    "key_algorithm", "kind", "kinds", "locality", "means", "method", "name", "number", "organization", "passphrase", "phone",
    "product", "promotion", "registration_number", "role", "sort", "state", "text", "url",
}  # fmt: skip
PROOFS = {"confirmation", "token"}  # these prove what was read, and name nothing: another's is just refused
# Kept as it was sent and looked up by nobody: drafts are judged when they are applied, and DV has no company.
NOT_LOOKED_UP = {
    ("/certificates", "contact"),
    ("/certificates", "company"),
    ("/certificates/{pending}/form", "contact"),
    ("/certificates/{pending}/form", "company"),
    ("/certificates/{pending}/apply", "company"),
}


def test_every_operation_is_in_a_table() -> None:
    assert {wall.operation for wall in WALLS} == set(OPERATIONS)


def test_the_tables_keep_the_rules() -> None:
    broken = [(wall.method, wall.address, rules) for wall in WALLS if (rules := _broken_rules(wall))]
    assert broken == []


def _broken_rules(wall: Wall) -> list[str]:
    statuses, operation, reads = wall.statuses, wall.operation, wall.method == "get"
    operators = {statuses[name] for name in OPERATORS if name in statuses}
    rules = {"nobody comes in without a key": statuses["nobody"] == 401 or operation == ("get", "/system")}
    if operation[1].startswith("/operator/"):
        noted = operation[1].startswith("/operator/notices/")
        rules["no customer comes in"] = {statuses[name] for name in CUSTOMERS} == {403}
        rules["some role is too small to change it"] = reads or noted or 403 in operators
    else:
        names = re.search(r"\{\w+\}", wall.address + json.dumps(wall.body))
        rules["no operator comes in"] = operators == {403} or operation in FOR_BOTH
        rules["a reader changes nothing"] = (
            reads or statuses["reader"] in (403, 404) or operation in FOR_READERS
        )
        rules["a stranger finds nothing"] = (
            not names or statuses["stranger"] == 404 or operation == ("get", "/products/{}")
        )
    return [rule for rule, kept in rules.items() if not kept]


def test_every_field_that_names_something_is_known() -> None:
    names = {_name(path) for operation in OPERATIONS for path in _texts(operation)}
    assert names == THINGS | VALUES


def _texts(operation: tuple[str, str]) -> list[tuple[str, ...]]:
    """The text fields of a request of customers: of its body, and `?` with the parameter of its query."""
    if operation[1].startswith("/operator/"):
        return []
    query = [("?", name) for name, schema in parameters(operation) if _is_free_text(resolved(schema))]
    return query + [path for path, kind in body_fields(operation) if kind == "string"]


def _is_free_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" and not {"enum", "format"} & set(schema)


def _name(path: tuple[str, ...]) -> str:
    return [part for part in path if part != "0"][-1]


@pytest.fixture
def theirs(stranger: Person, at: datetime, make_voucher: Any, name_server: Any, work: Any) -> dict[str, str]:
    """What the stranger has, under the names of the fields that could ask for it."""
    order = buy(stranger, DV, at=at)
    issued = pending_of(stranger, at).public_id
    contact = contact_of(stranger, at)
    form = {"domains": ["secret.example.net"], "contact": contact}
    publish(name_server, ok(stranger.rest.post(f"/certificates/{issued}/apply", form)))
    work()
    serial = ok(stranger.rest.get(f"/certificates/{issued}"))["serial"]
    assert serial
    warned = ok(stranger.rest.post(f"/certificates/{issued}/revoke/prepare"))
    plan = ok(stranger.rest.post(f"/orders/{order.public_id}/refund-plan"), 201)
    return {
        "certificates": issued,
        "company": company_of(stranger, at),
        "confirmation": warned["confirmation"],
        "contact": contact,
        "line": order.lines.get().public_id,
        "order": order.public_id,
        "search": serial,
        "serial": serial,
        "target": issued,
        "token": plan["token"],
        "user": stranger.user.public_id,
        "vouchers": make_voucher(account=stranger.account).public_id,
    }


def test_no_field_lets_the_id_of_another_through(
    world: dict[str, str], theirs: dict[str, str], owner: Person
) -> None:
    """Another's is answered as what does not exist: nothing tells the two apart."""
    assert set(theirs) == THINGS
    not_looked_up = set()
    for wall in WALLS:
        for path in _texts(wall.operation):
            if (name := _name(path)) not in THINGS:
                continue
            foreign = theirs[name]
            unknown = foreign[:4] + "0" * len(foreign[4:])
            of_theirs, of_none = (_with(wall, world, path, value, owner) for value in (foreign, unknown))
            where = (wall.method, wall.address, path, of_theirs.content)
            if name in PROOFS:
                assert of_theirs.status_code >= 400, where
                continue
            assert of_theirs.status_code == of_none.status_code, where
            if of_theirs.status_code < 400 and wall.method != "get":
                not_looked_up.add((wall.address, name))
                continue
            assert _without(of_theirs, foreign) == _without(of_none, unknown), where
            assert of_theirs.status_code >= 400 or of_theirs.json()["items"] == [], where
    assert not_looked_up == NOT_LOOKED_UP


def _with(wall: Wall, world: dict[str, str], path: tuple[str, ...], value: str, person: Person) -> Any:
    address, body = wall.address.format(**world), filled(wall.body, world)
    if path[0] == "?":
        return ask(
            person.rest, wall.method, f"{address}{'&' if '?' in address else '?'}{path[1]}={value}", body
        )
    return ask(person.rest, wall.method, address, put(body, path, value))


def _without(answer: Any, asked_for: str) -> str:
    """What was said, without what was asked for and the request's id."""
    said: str = answer.content.decode()
    return said.replace(answer["X-Request-Id"], "").replace(asked_for, "it")
