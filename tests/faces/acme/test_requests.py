"""What any signed request must be, or it is refused before anything else is looked at (RFC 8555 6)."""

import json

import pytest

from hanaper.core.acme.base64url import encode
from tests.acme_client import jws, new_key
from tests.faces.acme.conftest import NAME

pytestmark = pytest.mark.django_db


def test_a_nonce_is_good_once(client):
    nonce = client.take_nonce()
    assert client.post(client.kid, nonce=nonce).status == 200
    again = client.post(client.kid, nonce=nonce)
    assert (again.status, again.problem) == (400, "badNonce")
    assert again.headers["Replay-Nonce"]
    assert client.post(client.kid, nonce=again.headers["Replay-Nonce"]).status == 200


@pytest.mark.parametrize("nonce", [None, "", "AAAA", "not base64 url!", "A" * 44])
def test_other_nonces_are_not_ours(client, nonce):
    assert client.post(client.kid, nonce=nonce).problem == "badNonce"


def test_other_algorithms_are_answered_with_those_there_are(client):
    body = jws(
        client.key, {"alg": "ES256", "nonce": client.take_nonce(), "url": client.kid, "kid": client.kid}, b""
    )
    header = {"alg": "HS256", "nonce": "x", "url": client.kid, "kid": client.kid}
    answer = client.raw(
        client.kid, json.dumps(body | {"protected": encode(json.dumps(header).encode())}).encode()
    )
    assert answer.problem == "badSignatureAlgorithm"
    assert "ES256" in answer.json["algorithms"]


def test_weak_keys_are_refused(stranger_client):
    stranger_client.key = new_key("RSA", 1024)
    assert stranger_client.post(stranger_client.url("newAccount"), {}, jwk=True).problem == "badPublicKey"


def test_a_request_for_another_address_is_not_taken_here(client):
    answer = client.post(client.kid, url=client.url("newOrder"))
    assert (answer.status, answer.problem) == (403, "unauthorized")


@pytest.mark.parametrize(
    ("kind", "status"), [("application/json", 415), ("text/plain", 415), ("application/jose+json", 400)]
)
def test_a_request_is_jose(client, kind, status):
    answer = client.raw(client.url("newOrder"), b"{}", kind)
    assert (answer.status, answer.problem) == (status, "malformed")
    assert answer.headers["Replay-Nonce"]


@pytest.mark.parametrize("name", ["newAccount", "newOrder", "revokeCert", "keyChange"])
def test_what_is_signed_is_posted(stranger_client, name):
    answer = stranger_client.send("GET", stranger_client.url(name), None, "")
    assert (answer.status, answer.problem, answer.headers["Allow"]) == (405, "malformed", "POST")


def test_objects_are_read_with_an_empty_payload(client):
    url = client.order(NAME).headers["Location"]
    assert client.post(url, {}).problem == "malformed"
    assert client.post(url).status == 200


def test_every_answer_says_where_the_directory_is(client):
    for answer in (client.post(client.kid), client.order("not a name"), client.raw(client.kid, b"")):
        assert f'<{client.directory}>;rel="index"' in answer.headers["Link"]
        assert answer.headers["Replay-Nonce"] and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_nonces_are_fetched(stranger_client, method):
    answer = stranger_client.send(method, stranger_client.url("newNonce"), None, "")
    assert answer.status == (200 if method == "HEAD" else 204)
    assert answer.headers["Replay-Nonce"] and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["pca_0/server/directory", "{ca}/nothing/directory", "{root}/server/directory", "{ca}/server/", "x"],
)
def test_there_are_no_other_directories(working, stranger_client, path):
    path = path.format(ca=working.public_id, root=working.parent.public_id)
    answer = stranger_client.send("GET", f"http://acme.example.com/acme/{path}", None, "")
    assert (answer.status, answer.problem) == (404, "malformed")
