"""How often each request of an order asks the database: what a request knows it does not ask for again."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.acme_client import Client, csr_for
from tests.faces.acme.conftest import prove_in_dns

pytestmark = pytest.mark.django_db

MOST = {"new order": 14, "order": 5, "authorization": 5, "finalize": 33, "certificate": 7}


def counted(work: Callable[[], object]) -> tuple[int, object]:
    """Statements, those left out that only begin and end transactions, or wait for others."""
    with CaptureQueriesContext(connection) as asked:
        found = work()
    only = ("BEGIN", "SAVEPOINT", "RELEASE", "SELECT pg_advisory_xact_lock")
    return sum(not one["sql"].startswith(only) for one in asked), found


def walk(client: Client, name_server, name: str) -> dict[str, int]:
    count: dict[str, int] = {}
    count["new order"], placed = counted(lambda: client.order(name))
    count["authorization"], _ = counted(lambda: client.post(placed.json["authorizations"][0]))
    prove_in_dns(client, placed.json, name_server)
    count["order"], order = counted(lambda: client.post(placed.headers["Location"]).json)
    csr = csr_for([name])
    count["finalize"], answer = counted(lambda: client.finalize(order, csr))
    count["certificate"], chain = counted(lambda: client.post(answer.json["certificate"]))
    assert chain.content.startswith(b"-----BEGIN CERTIFICATE-----")
    return count


def test_an_order_end_to_end(client: Client, name_server) -> None:
    walk(client, name_server, "first.example.com")  # the full linter sees this shape once
    found = walk(client, name_server, "second.example.com")
    assert {what: count for what, count in found.items() if count > MOST[what]} == {}
