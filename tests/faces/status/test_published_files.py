"""The addresses burnt into certificates: what is served, to whom, and what is kept of them by caches."""

import pytest
from cryptography import x509
from django.test import Client

from hanaper.apps.authority.services import crl_file, publish_crl

UNKNOWN = "ca_" + "0" * 24


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture(params=["crl", "ca"])
def address(request, issuing) -> str:
    ending = {"crl": "crl", "ca": "cer"}[request.param]
    return f"/{request.param}/{issuing.public_id}.{ending}"


def test_the_newest_list_is_served(client, issuing, at):
    publish_crl(issuing, at=at)
    response = client.get(f"/crl/{issuing.public_id}.crl")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pkix-crl"
    assert response.content == crl_file(issuing).read_bytes()


def test_the_certificate_is_served_as_der(client, issuing):
    response = client.get(f"/ca/{issuing.public_id}.cer")
    assert response["Content-Type"] == "application/pkix-cert"
    assert x509.load_der_x509_certificate(response.content).extensions
    assert response.content == bytes(issuing.certificate)


def test_the_addresses_in_certificates_are_these(client, issuing):
    assert issuing.crl_address.endswith(f"/crl/{issuing.public_id}.crl")
    assert issuing.certificate_address.endswith(f"/ca/{issuing.public_id}.cer")


def test_no_session_is_touched(client, address, owner):
    client.force_login(owner.user)
    response = client.get(address)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Cache-Control"].startswith("public, max-age=")


def test_no_query_is_made(client, address, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(address).status_code == 200


def test_head_has_everything_but_the_body(client, address):
    whole, head = client.get(address), client.head(address)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("Content-Length", "ETag", "Last-Modified", "Content-Type", "Cache-Control"):
        assert head[name] == whole[name]
    assert int(head["Content-Length"]) == len(whole.content)


def test_what_is_known_is_not_sent_again(client, address):
    first = client.get(address)
    for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        for ask in (client.get, client.head):
            again = ask(address, headers=headers)
            assert again.status_code == 304
            assert again.content == b""
            assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], first["Cache-Control"])
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_new_list_has_a_new_tag(client, issuing, at):
    address = f"/crl/{issuing.public_id}.crl"
    before = client.get(address)["ETag"]
    publish_crl(issuing, at=at)
    assert client.get(address, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_only_get_and_head(address, method):
    response = getattr(Client(enforce_csrf_checks=True), method)(address)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert not response.cookies


@pytest.mark.parametrize(
    "path",
    [
        f"/crl/{UNKNOWN}.crl",
        f"/ca/{UNKNOWN}.cer",
        f"/ca/{UNKNOWN}.crl",
        "/crl/",
        "/crl/x",
        "/crl/../../secret-key",
        "/crl/..%2f..%2fsecret-key",
        "/crl/%2e%2e/%2e%2e/secret-key.crl",
        "/crl/..%5csecret.crl",
        "/crl/ca_.crl",
        "/crl/ca_" + "I" * 24 + ".crl",
        "/crl/ca_" + "0" * 24 + ".crl%00",
        "/crl/ca_" + "0" * 24 + ".crl%0a",
        "/crl/ca_" + "0" * 24 + ".crl/",
        "/crl/" + "a" * 5000,
    ],
)
def test_everything_else_is_a_plain_404(client, issuing, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "text/plain"
    assert not response.cookies
