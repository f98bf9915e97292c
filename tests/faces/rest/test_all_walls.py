"""All walls at once: the tables name every operation, keep the rules, and no field lets another's id through.

The tables themselves are tried where they stand. What fails here is an operation, or a field that names
something, which was added and thought of nowhere.
"""

import json
import re
import sys
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from hanaper.apps.acme.services import create_key
from hanaper.apps.authority.models import CaCertificate
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.templates import make_template
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
from tests.faces.rest.things import RULES, private_ca_of
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
    "by", "ca", "certificate", "certificates", "company", "confirmation", "contact", "key", "line", "order", "parent", "search",
    "serial", "source", "target", "template", "token", "user", "vouchers",
}  # fmt: skip
VALUES = {
    "action", "algorithm", "brand", "business_category", "chain", "common_name", "country", "coupon", "csr", "csv",
    "currency", "cursor", "description", "dns", "domains", "email", "expires_at", "expiry", "explanation",
    "format", "id_number", "ip", "jurisdiction_country", "jurisdiction_locality", "jurisdiction_state",
    "key_algorithm", "keystore", "kind", "kinds", "locality", "means", "method", "name", "networks", "number",
    "operation", "organization", "passphrase", "phone", "product", "promotion", "reason", "region",
    "registration_number", "role", "sort", "state", "text", "toml",
    "uri", "url",
}  # fmt: skip
# How a gateway behaves.
VALUES |= {
    "address", "allow", "deny", "domain", "host", "host_header", "least_tls", "origin_ca", "path", "scheme", "to",
}  # fmt: skip
PROOFS = {"confirmation", "token"}  # these prove what was read, and name nothing: another's is just refused
# Kept as it was sent and looked up by nobody: drafts are judged when they are applied, and DV has no company.
NOT_LOOKED_UP = {
    ("/certificates", "contact"),
    ("/certificates", "company"),
    ("/certificates/{pending}/form", "contact"),
    ("/certificates/{pending}/form", "company"),
    ("/certificates/{pending}/apply", "company"),
    ("/private-cas/{pca}/batches/check", "template"),  # it answers with what is wrong, and begins nothing
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


def test_every_schema_has_a_name_of_its_own() -> None:
    """The description of the API knows schemas by their name: of two with the same it shows one."""
    found = Counter(
        schema.__name__
        for module in sorted(name for name in sys.modules if name.startswith("hanaper.faces.rest."))
        for schema in vars(sys.modules[module]).values()
        if isinstance(schema, type) and issubclass(schema, BaseModel) and schema.__module__ == module
    )
    assert [name for name, times in found.items() if times > 1] == []


def _name(path: tuple[str, ...]) -> str:
    return [part for part in path if part != "0"][-1]


@pytest.fixture
def theirs(
    stranger: Person, at: datetime, make_voucher: Any, name_server: Any, work: Any
) -> dict[str, list[str]]:
    """What the stranger has, under the names of the fields that could ask for it."""
    assert stranger.account is not None
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
    ca = private_ca_of(stranger, buy(stranger, "private-root-ca", at=at), at)
    make_template(stranger.actor, stranger.account, name="secret", rules=RULES, at=at)
    request = private_ca.Request("server", names={"dns": ["secret.example.net"]})
    private = private_ca.issue(stranger.actor, ca, request, at=at)
    root = PrivateCA.objects.get(intermediates=ca)
    one_each = {
        "by": root.public_id,
        "ca": ca.public_id,
        "company": company_of(stranger, at),
        "confirmation": warned["confirmation"],
        "contact": contact,
        "key": create_key(stranger.actor, ca, at=at)[0].public_id,
        "line": order.lines.get().public_id,
        "order": order.public_id,
        "parent": root.public_id,
        "serial": serial,
        "source": ca.public_id,
        "target": issued,
        "template": "secret",
        "token": plan["token"],
        "user": stranger.user.public_id,
        "vouchers": make_voucher(account=stranger.account).public_id,
    }
    several = {
        "certificate": [
            issued,
            private.public_id,
            CaCertificate.objects.get(authority=ca.authority).public_id,
        ],
        "certificates": [issued, private.public_id],
        "search": [serial, private.serial, private.public_id],
    }
    return {**{name: [value] for name, value in one_each.items()}, **several}


def test_no_field_lets_the_id_of_another_through(
    world: dict[str, str], theirs: dict[str, list[str]], owner: Person
) -> None:
    """Another's is answered as what does not exist: nothing tells the two apart."""
    assert set(theirs) == THINGS
    not_looked_up = set()
    for wall in WALLS:
        for path in _texts(wall.operation):
            name = _name(path)
            for foreign in theirs.get(name, []):
                unknown = foreign[:4] + "0" * len(foreign[4:])
                of_theirs, of_none = (_with(wall, world, path, value, owner) for value in (foreign, unknown))
                said, said_of_none = of_theirs.getvalue().decode(), of_none.getvalue().decode()
                where = (wall.method, wall.address, path, said)
                if name in PROOFS:
                    assert of_theirs.status_code >= 400, where
                    continue
                assert of_theirs.status_code == of_none.status_code, where
                if of_theirs.status_code < 400 and wall.method != "get":
                    not_looked_up.add((wall.address, name))
                    continue
                assert _without(said, of_theirs, foreign) == _without(said_of_none, of_none, unknown), where
                assert of_theirs.status_code >= 400 or _has_nothing(said), where
    assert not_looked_up == NOT_LOOKED_UP


def _with(wall: Wall, world: dict[str, str], path: tuple[str, ...], value: str, person: Person) -> Any:
    address, body = wall.address.format(**world), filled(wall.body, world)
    if path[0] == "?":
        return ask(
            person.rest, wall.method, f"{address}{'&' if '?' in address else '?'}{path[1]}={value}", body
        )
    return ask(person.rest, wall.method, address, put(body, path, value))


def _without(said: str, answer: Any, asked_for: str) -> str:
    """What was said, without what was asked for and the request's id."""
    return said.replace(answer["X-Request-Id"], "").replace(asked_for, "it")


def _has_nothing(said: str) -> bool:
    """A list without items, or a table (CSV) of a header alone."""
    return bool(json.loads(said)["items"] == []) if said.startswith("{") else said.count("\n") == 1
