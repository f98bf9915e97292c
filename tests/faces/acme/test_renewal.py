"""When to renew, and what renews what (RFC 9773)."""

import pytest
from cryptography import x509

from hanaper import clock
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.acme.base64url import encode
from tests.acme_client import csr_for
from tests.faces.acme.conftest import NAME, client_of, leaf_of, revoked

pytestmark = pytest.mark.django_db


def renewal(client, certificate):
    url = f"{client.url('renewalInfo')}/{certificate}"
    return client.send("GET", url, None, "")


def certificate_id(leaf):
    issuer = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    return f"{encode(issuer)}.{encode(leaf.serial_number.to_bytes(20, 'big'))}"


def test_when_to_renew(client, issued, owner, working, at):
    leaf = leaf_of(client, issued)
    name = certificate_id(leaf)
    told = renewal(client, name)
    assert int(told.headers["Retry-After"]) > 0
    window = told.json["suggestedWindow"]
    assert at.isoformat() < window["start"] < window["end"] < leaf.not_valid_after_utc.isoformat()
    asked = {"certificates": None, "explanation": "https://example.com/why"}
    assert owner.rest.post(f"/private-cas/{working.public_id}/acme/renewals", asked).status_code == 200
    told = renewal(client, name).json
    assert told["suggestedWindow"]["end"] < clock.now().isoformat()
    assert told["explanationURL"] == "https://example.com/why"


def test_at_once_when_it_was_revoked(client, issued):
    leaf = leaf_of(client, issued)
    revoked(client, leaf)
    assert renewal(client, certificate_id(leaf)).json["suggestedWindow"]["end"] < clock.now().isoformat()


@pytest.mark.parametrize(("name", "status"), [("x", 400), ("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", 404)])
def test_of_certificates_of_this_ca(client, name, status):
    answer = renewal(client, name)
    assert (answer.status, answer.problem) == (status, "malformed")


def test_one_certificate_is_replaced_once(client, issued, name_server):
    name = certificate_id(leaf_of(client, issued))
    placed = client.order(NAME, replaces=name)
    assert (placed.status, placed.json["replaces"]) == (201, name)
    assert client.finalize(placed.json, csr_for([NAME])).json["status"] == "valid"
    newest = PrivateCertificate.objects.order_by("-pk")[0]
    assert newest.renews == PrivateCertificate.objects.order_by("pk")[0]
    again = client.order(NAME, replaces=name)
    assert (again.status, again.problem) == (409, "alreadyReplaced")


def test_not_one_of_another_account_or_for_other_names(client, issued, working, external):
    name = certificate_id(leaf_of(client, issued))
    assert client.order("other.example.com", replaces=name).problem == "malformed"
    other = client_of(working)
    other.register(external[0].public_id, external[1])
    assert other.order(NAME, replaces=name).problem == "malformed"
