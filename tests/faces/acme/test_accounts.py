"""Accounts: bound by a key of the owner, changed and ended by their own (RFC 8555 7.3)."""

import json
from datetime import timedelta

import pytest

from hanaper.apps.acme.models import AcmeAccount
from hanaper.apps.acme.services import create_key, revoke_account, revoke_key
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.acme.base64url import decode
from tests.acme_client import algorithm_of, binding, csr_for, jws, new_key, public
from tests.faces.acme.conftest import NAME, client_of, ready_order

pytestmark = pytest.mark.django_db


def test_an_account_is_bound(stranger_client):
    answer = stranger_client.post(stranger_client.url("newAccount"), {}, jwk=True)
    assert (answer.status, answer.problem) == (403, "externalAccountRequired")


def bound(client, kid, secret, key=None, url=None, **change):
    url = url or client.url("newAccount")
    made = binding(key or client.key, kid, secret, url) | change
    return client.post(client.url("newAccount"), {"externalAccountBinding": made}, jwk=True)


def test_a_binding_is_with_a_key_of_ours_and_of_the_same_account_key(stranger_client, external):
    key, secret = external[0].public_id, decode(external[1])
    other = "http://acme.example.com/other"
    assert bound(stranger_client, key, b"another secret").problem == "unauthorized"
    assert bound(stranger_client, "eab_unknown", secret).problem == "unauthorized"
    assert bound(stranger_client, key, secret, key=new_key()).problem == "malformed"
    assert bound(stranger_client, key, secret, url=other).problem == "malformed"
    assert bound(stranger_client, key, secret, signature="").problem == "unauthorized"
    assert not AcmeAccount.objects.exists()
    assert bound(stranger_client, key, secret).status == 201


def test_a_key_binds_until_it_expires_or_is_revoked(owner, working, stranger_client, at, monkeypatch):
    key, secret = create_key(owner.actor, working, expires_at=at + timedelta(days=1), at=at)
    monkeypatch.setattr("hanaper.faces.acme.exchange.clock.now", lambda: at + timedelta(days=1))
    assert stranger_client.register(key.public_id, secret).problem == "unauthorized"
    monkeypatch.undo()
    revoke_key(owner.actor, key, at=at)
    assert stranger_client.register(key.public_id, secret).problem == "unauthorized"
    assert not AcmeAccount.objects.exists()


def test_a_key_may_be_for_one_template(owner, working, at):
    key, secret = create_key(owner.actor, working, template="client", at=at)
    assert client_of(working).register(key.public_id, secret).problem == "unauthorized"
    assert client_of(working, "client").register(key.public_id, secret).status == 201


def test_only_those_that_exist(stranger_client):
    answer = stranger_client.post(stranger_client.url("newAccount"), {"onlyReturnExisting": True}, jwk=True)
    assert (answer.status, answer.problem) == (400, "accountDoesNotExist")


@pytest.mark.parametrize("end", ["", "u", "/orders"])  # no id has a u
def test_a_kid_that_is_none(client, end):
    client.kid = client.kid[:-1] + end
    assert client.post(client.url("newOrder"), {}).problem == "accountDoesNotExist"


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        (["tel:+15551234"], "unsupportedContact"),
        (["ada@example.com"], "unsupportedContact"),
        (["mailto:ada@example.com,bob@example.com"], "invalidContact"),
        (["mailto:ada@example.com?subject=x"], "invalidContact"),
        (["mailto:"], "invalidContact"),
        (["mailto:a@example.com"] * 11, "invalidContact"),
        ("mailto:ada@example.com", "malformed"),
        ([5], "malformed"),
    ],
    ids=str,
)
def test_contacts(client, contact, problem):
    assert client.post(client.kid, {"contact": contact}).problem == problem
    assert AcmeAccount.objects.get().contact == []


def test_terms_are_agreed_to(settings, stranger_client, external):
    settings.ACME_TERMS = "https://example.com/terms"
    assert client_terms(stranger_client) == "https://example.com/terms"
    key, secret = external
    answer = stranger_client.register(key.public_id, secret)
    assert (answer.status, answer.problem) == (403, "userActionRequired")
    assert '<https://example.com/terms>;rel="terms-of-service"' in answer.headers["Link"]
    assert stranger_client.register(key.public_id, secret, termsOfServiceAgreed=True).status == 201


def client_terms(client):
    return client.send("GET", client.directory, None, "").json["meta"]["termsOfService"]


def test_deactivated_is_for_good(client, external):
    assert client.post(client.kid, {"status": "valid"}).status == 200
    assert client.post(client.kid, {"status": "revoked"}).problem == "malformed"
    assert client.post(client.kid, {"status": "deactivated"}).json["status"] == "deactivated"
    assert client.order(NAME).problem == "unauthorized"
    key, secret = external
    again = client.register(key.public_id, secret)
    assert (again.status, again.problem) == (403, "unauthorized")


@pytest.mark.parametrize("shut_out", ["key", "account"])
def test_the_owner_shuts_clients_out(client, external, owner, at, name_server, shut_out):
    _, order = ready_order(client, name_server, NAME)
    if shut_out == "key":
        assert revoke_key(owner.actor, external[0], at=at).secret is None
    else:
        revoke_account(owner.actor, AcmeAccount.objects.get(), at=at)
    for answer in (client.post(client.kid), client.order(NAME), client.finalize(order, csr_for([NAME]))):
        assert (answer.status, answer.problem) == (403, "unauthorized")
    assert not PrivateCertificate.objects.exists()


def rolled(client, key, **change):
    url = client.url("keyChange")
    said = {"account": client.kid, "oldKey": public(client.key)} | change.pop("said", {})
    header = {"alg": algorithm_of(key), "jwk": public(key), "url": url} | change
    return client.post(url, jws(key, header, json.dumps(said).encode()))


def test_a_key_is_rolled_over(client):
    new = new_key("EC", "P-384")
    assert rolled(client, new).status == 200
    assert client.post(client.kid).status == 400  # the old one signs nothing any more
    client.key = new
    assert client.post(client.kid).status == 200


def test_not_to_a_key_that_another_account_has(client, working, external):
    other = client_of(working)
    other.register(external[0].public_id, external[1])
    answer = rolled(client, other.key)
    assert (answer.status, answer.headers["Location"]) == (409, other.kid)


@pytest.mark.parametrize(
    "change",
    [
        {"said": {"account": "http://acme.example.com/account/0"}},
        {"said": {"oldKey": public(new_key())}},
        {"said": {"oldKey": None}},
        {"url": "http://acme.example.com/other"},
        {"nonce": "AAAA"},
    ],
    ids=["another account", "another key", "no key", "another address", "no nonce of ours"],
)
def test_a_roll_over_says_whose_and_from_what(client, change):
    assert rolled(client, new_key(), **change).problem == "malformed"
    assert client.post(client.kid).status == 200
