"""Showing control of a name, in vain and in good time; limits on both (RFC 8555 7.5, 6.6)."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.acme import limits
from hanaper.apps.acme.models import AcmeOrder, Authorization
from tests.faces.acme.conftest import NAME, check, client_of, ready_order

pytestmark = pytest.mark.django_db


def test_what_cannot_be_shown_fails_after_three_looks(client, name_server):
    url, order = (placed := client.order(NAME)).headers["Location"], placed.json
    one = client.challenge(order["authorizations"][0], "dns-01")
    assert client.post(one["url"], {}).json["status"] == "processing"
    system_at = clock.system_now()
    for later in (0, 2, 10):
        assert client.post(one["url"]).json["status"] == "processing"
        check(one["url"], system_at + timedelta(seconds=later))
    told = client.post(one["url"]).json
    assert (told["status"], told["error"]["type"]) == ("invalid", "urn:ietf:params:acme:error:dns")
    assert client.post(order["authorizations"][0]).json["status"] == "invalid"
    assert client.post(url).json["status"] == "invalid"
    assert client.post(one["url"], {}).json["status"] == "invalid"


@pytest.mark.parametrize(
    ("record", "problem"),
    [(None, "dns"), ("something", "incorrectResponse")],
    ids=["nothing", "something else"],
)
def test_what_was_found_is_told(client, name_server, record, problem):
    order = client.order(NAME).json
    if record:
        name_server.records[f"_acme-challenge.{NAME}", "TXT"] = [record]
    one = client.challenge(order["authorizations"][0], "dns-01")
    client.post(one["url"], {})
    check(one["url"])
    assert client.post(one["url"]).json["error"]["type"].endswith(problem)


def test_a_connection_that_cannot_be_made(client, name_server):
    order = client.order(NAME).json
    one = client.challenge(order["authorizations"][0], "tls-alpn-01")
    client.post(one["url"], {})
    check(one["url"])
    assert client.post(one["url"]).json["error"]["type"].endswith("connection")


def test_an_authorization_is_given_up(client, name_server):
    url, order = ready_order(client, name_server, NAME)
    authorization = order["authorizations"][0]
    assert client.post(authorization, {"status": "valid"}).problem == "malformed"
    assert client.post(authorization, {"status": "deactivated"}).json["status"] == "deactivated"
    assert client.post(url).json["status"] == "invalid"
    assert client.order(NAME).json["authorizations"] != order["authorizations"]


def test_shown_before_any_order(client, name_server):
    body = {"identifier": {"type": "dns", "value": NAME}}
    made = client.post(client.url("newAuthz"), body)
    assert made.status == 201
    assert client.order(NAME).json["authorizations"] == [made.headers["Location"]]
    assert (
        client.post(client.url("newAuthz"), {"identifier": {"type": "dns", "value": "*.example.com"}}).problem
        == "malformed"
    )


# Limits


def test_limits_say_when_to_come_again(settings, client, owner, working, external):
    settings.ACME_ORDERS_PER_HOUR = 1
    limits.forget()
    assert client.order(NAME).status == 201
    assert client.order(NAME).status == 201  # the same again is no other one
    answer = client.order("a.example.com")
    assert (answer.status, answer.problem) == (429, "rateLimited")
    assert int(answer.headers["Retry-After"]) > 0
    settings.ACME_ACCOUNTS_PER_HOUR = 1
    key, secret = external
    assert client_of(working).register(key.public_id, secret).status == 201
    assert client_of(working).register(key.public_id, secret).problem == "rateLimited"


def test_after_many_failures_a_name_waits(settings, client):
    settings.ACME_FAILURES_PER_HOUR = 1
    client.order(NAME)
    AcmeOrder.objects.update(state="invalid")
    Authorization.objects.update(state="invalid", failed_at=clock.system_now() - timedelta(minutes=50))
    answer = client.order(NAME)
    assert answer.problem == "rateLimited"
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert client.order("a.example.com").status == 201
