"""The whole API at once: every row of the three tables of walls, and an account that has what they name."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from hanaper.faces.rest.api import api
from tests.faces.rest import test_foundation_walls, test_rest_certificates, test_walls
from tests.faces.rest.test_foundation_walls import notice, webhook
from tests.faces.rest.test_rest_certificates import builtin_ca, scene, work
from tests.faces.rest.things import at, filled, ids
from tests.fixtures_authority import published
from tests.fixtures_dns import name_server
from tests.people import Person, Rest, make_user
from tests.shop import catalogue, make_coupon, make_promotion, make_voucher

__all__ = [
    "at", "builtin_ca", "catalogue", "filled", "ids", "make_coupon", "make_promotion", "make_voucher",
    "name_server", "notice", "published", "scene", "webhook", "work",
    "world",
]  # fmt: skip


class Wall(NamedTuple):
    method: str
    address: str
    body: Any
    statuses: dict[str, int]

    @property
    def operation(self) -> tuple[str, str]:
        """The operation at this address: of several the one with the fewest parameters."""
        parts = pattern(self.address).split("/")
        found = [
            (method, address)
            for method, address in OPERATIONS
            if method == self.method and _fits(parts, address.split("/"))
        ]
        return min(found, key=lambda operation: operation[1].count("{}"))


def pattern(address: str) -> str:
    """`/orders/{order}/pay` and `/orders/{unpaid}/pay?x=1` are one address: `/orders/{}/pay`."""
    return "/".join("{}" if "{" in part else part for part in address.partition("?")[0].split("/"))


def _fits(parts: list[str], address: list[str]) -> bool:
    return len(parts) == len(address) and all(
        place in ("{}", part) for part, place in zip(parts, address, strict=True)
    )


WALLS = [
    Wall(method, address, body, dict(zip(table.WHO, statuses, strict=True)))
    for table in (test_foundation_walls, test_rest_certificates, test_walls)
    for method, address, body, statuses in table.WALLS
]
OPERATIONS = {
    (method, pattern(path.removeprefix("/api/v1"))): described
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method, described in methods.items()
}


def parameters(operation: tuple[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Those of its query, with their schemas."""
    found = OPERATIONS[operation].get("parameters", [])
    return [(one["name"], one["schema"]) for one in found if one["in"] == "query"]


def body_fields(operation: tuple[str, str]) -> list[tuple[tuple[str, ...], str]]:
    """The path of every value that its body may have, with its type; `0` leads into a list."""
    body = OPERATIONS[operation].get("requestBody")
    return list(_fields(body["content"]["application/json"]["schema"])) if body else []


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Without references and without null."""
    if "anyOf" in schema:
        return resolved(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(api.get_openapi_schema()["components"]["schemas"][name])
    return schema


def _fields(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    schema = resolved(schema)
    if path:
        yield path, schema.get("type", "")
    for name, item in schema.get("properties", {}).items():
        yield from _fields(item, (*path, name))
    if "items" in schema:
        yield from _fields(schema["items"], (*path, "0"))


def put(value: Any, path: tuple[str, ...], new: Any) -> Any:
    """`value` with `new` at `path`, which is made if it is not there."""
    if not path:
        return new
    if path[0] == "0":
        first, *others = value or [None]
        return [put(first, path[1:], new), *others]
    return {**(value or {}), path[0]: put((value or {}).get(path[0]), path[1:], new)}


def ask(rest: Rest, method: str, address: str, body: Any = None) -> Any:
    """The answer; whatever the request did is undone."""
    with transaction.atomic():
        send = getattr(rest, method)
        answer = send(address) if body is None else send(address, body)
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def world(
    ids: dict[str, str],
    scene: dict[str, str],
    notice: None,
    webhook: dict[str, str],
    owner: Person,
    reviewer: Person,
) -> dict[str, str]:
    """Everything of the owner's, by the names that the tables have for it."""
    make_user(test_foundation_walls.NEW)
    return {
        **ids,
        **scene,
        **webhook,
        "me": owner.user.public_id,
        "operator": reviewer.user.public_id,
        "key": owner.access_key.public_id,
        "notice": owner.rest.get("/notices").json()["items"][0]["id"],
    }
