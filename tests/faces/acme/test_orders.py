"""Orders and their certificates: what is ordered, finalized, refused (RFC 8555 7.4)."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hanaper.apps.acme.models import AcmeOrder, Challenge, ExternalKey
from hanaper.apps.acme.services import create_key
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from tests.acme_client import csr_for
from tests.faces.acme.conftest import NAME, client_of, leaf_of, ready_order

pytestmark = pytest.mark.django_db


def test_names_that_are_not_certified_are_told_one_by_one(owner, working, at):
    key, secret = create_key(owner.actor, working, domains=["example.com"], networks=["10.0.0.0/8"], at=at)
    client = client_of(working)
    client.register(key.public_id, secret)
    answer = client.order("a.example.com", "b.example.org", "*.example.net")
    assert (answer.status, answer.problem) == (403, "rejectedIdentifier")
    told = {one["identifier"]["value"] for one in answer.json["subproblems"]}
    assert told == {"b.example.org", "*.example.net"}
    ips = [{"type": "ip", "value": value} for value in ("10.1.2.3", "192.0.2.1")]
    answer = client.post(client.url("newOrder"), {"identifiers": ips})
    assert [one["identifier"]["value"] for one in answer.json["subproblems"]] == ["192.0.2.1"]
    assert not AcmeOrder.objects.exists()


def test_templates_are_kept_to(owner, working, external):
    client = client_of(working, "email")
    client.register(external[0].public_id, external[1])
    assert client.order(NAME).problem == "rejectedIdentifier"


@pytest.mark.parametrize(
    "more",
    [
        {"notBefore": "2099-01-01T00:00:00Z"},
        {"notBefore": "soon"},
        {"notAfter": "2020-01-01T00:00:00Z"},
        {"notAfter": "2099-01-01"},
        {"notAfter": 5},
        {"replaces": 5},
        {"replaces": "x"},
        {"replaces": "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"},
        {"identifiers": []},
        {"identifiers": [{"type": "email", "value": "a@example.com"}]},
    ],
    ids=str,
)
def test_orders_that_make_no_sense(client, more):
    answer = client.order(NAME, **more)
    assert answer.problem == ("unsupportedIdentifier" if "email" in str(more) else "malformed")
    assert not AcmeOrder.objects.exists()


def test_the_end_may_be_asked_for(client, name_server, at):
    end = (at + timedelta(days=10)).replace(microsecond=0)
    placed = client.order(NAME, notAfter=end.isoformat())
    assert placed.json["notAfter"] == end.strftime("%Y-%m-%dT%H:%M:%SZ")
    _, order = ready_order(client, name_server, NAME)
    assert (
        leaf_of(client, client.finalize(order, csr_for([NAME])).json)
        and placed.json["finalize"] != order["finalize"]
    )
    done = client.finalize(client.post(placed.headers["Location"]).json, csr_for([NAME])).json
    assert leaf_of(client, done).not_valid_after_utc == end


def test_an_order_is_finalized_when_it_is_ready(client):
    order = client.order(NAME).json
    answer = client.finalize(order, csr_for([NAME]))
    assert (answer.status, answer.problem) == (403, "orderNotReady")


def test_not_twice(client, issued):
    assert client.finalize(issued, csr_for([NAME])).problem == "orderNotReady"
    assert PrivateCertificate.objects.count() == 1


def account_key(client):
    return client.key.private_key


@pytest.mark.parametrize(
    "csr",
    [
        lambda client: b"",
        lambda client: b"not a request",
        lambda client: csr_for(["other.example.com"]),
        lambda client: csr_for([NAME, "other.example.com"]),
        lambda client: csr_for([], common_name="other.example.com"),
        lambda client: csr_for([NAME], common_name="other.example.com"),
        lambda client: csr_for([]),
        lambda client: csr_for([NAME], ips=("10.0.0.1",)),
        lambda client: csr_for([NAME], key=account_key(client)),
        lambda client: csr_for([NAME], key=ec.generate_private_key(ec.SECP521R1())),
        lambda client: csr_for([NAME])[:-3] + b"abc",
    ],
    ids=["empty", "none", "another", "more", "another common name", "common name besides", "nothing", "an address",
         "the account's key", "a kind of key", "signature"],
)  # fmt: skip
def test_requests_that_are_not_for_the_order_leave_it_ready(client, name_server, csr):
    url, order = ready_order(client, name_server, NAME)
    assert client.finalize(order, csr(client)).problem == "badCSR"
    assert client.post(url).json["status"] == "ready"
    assert not PrivateCertificate.objects.exists()
    assert client.finalize(order, csr_for([], common_name=NAME)).json["status"] == "valid"


def test_a_csr_is_base64url(client, name_server):
    _, order = ready_order(client, name_server, NAME)
    assert client.post(order["finalize"], {"csr": "ab=="}).problem == "malformed"
    assert client.post(order["finalize"], {}).problem == "malformed"


def test_a_key_may_have_a_limit_of_certificates(owner, working, at, name_server):
    key, secret = create_key(owner.actor, working, certificates_limit=1, at=at)
    client = client_of(working)
    client.register(key.public_id, secret)
    for name, done in ((NAME, True), ("a.example.com", False)):
        url, order = ready_order(client, name_server, name)
        answer = client.finalize(order, csr_for([name]))
        assert answer.status == (200 if done else 403)
        assert client.post(url).json["status"] == ("valid" if done else "ready")
    assert ExternalKey.objects.get().certificates_used == 1


def test_quota_that_is_used_up_fails_the_order_and_takes_nothing(client, name_server, working):
    url, order = ready_order(client, name_server, NAME)
    PrivateCA.objects.filter(pk=working.pk).update(quota=0)
    answer = client.finalize(order, csr_for([NAME]))
    assert answer.json["status"] == "invalid"
    assert (
        answer.json["error"]["type"].endswith(":unauthorized") and "used up" in answer.json["error"]["detail"]
    )
    assert client.post(url).json == answer.json
    assert ExternalKey.objects.get().certificates_used == 0


def test_orders_and_proofs_end(client, name_server, at, monkeypatch):
    url, order = ready_order(client, name_server, NAME)
    waiting = client.order("a.example.com")
    monkeypatch.setattr("hanaper.faces.acme.exchange.clock.now", lambda: at + timedelta(days=8))
    for one in (url, waiting.headers["Location"]):
        told = client.post(one).json
        assert (told["status"], "expired" in told["error"]["detail"]) == ("invalid", True)
    assert client.finalize(order, csr_for([NAME])).problem == "orderNotReady"
    assert client.post(waiting.json["authorizations"][0]).json["status"] == "invalid"
    assert client.post(order["authorizations"][0]).json["status"] == "valid"
    monkeypatch.setattr("hanaper.faces.acme.exchange.clock.now", lambda: at + timedelta(days=31))
    assert client.post(order["authorizations"][0]).json["status"] == "expired"


# Standing of the CA


def test_a_ca_that_was_stopped(client, name_server, owner, working, at):
    url, order = ready_order(client, name_server, NAME)
    private_ca.set_issuing(owner.actor, working, False, at=at)
    for answer in (client.order("a.example.com"), client.finalize(order, csr_for([NAME]))):
        assert (answer.status, answer.problem) == (403, "unauthorized")
        assert "stopped" in answer.json["detail"]
    private_ca.set_issuing(owner.actor, working, True, at=at)
    assert client.post(url).json["status"] == "ready"
    assert client.finalize(order, csr_for([NAME])).json["status"] == "valid"


def test_an_order_that_is_locked(client, name_server, working):
    """D11: while a refund is under way nothing of the order is used."""
    url, order = ready_order(client, name_server, NAME)
    Order.objects.filter(pk=working.order_id).update(state="refund_in_progress")
    for answer in (client.order("a.example.com"), client.finalize(order, csr_for([NAME]))):
        assert (answer.status, answer.problem) == (403, "unauthorized")
        assert "refund" in answer.json["detail"]
    assert client.post(url).json["status"] == "ready"
    assert not PrivateCertificate.objects.exists() and Challenge.objects.exists()
