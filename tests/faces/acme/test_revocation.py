"""Revocation by whoever may (RFC 8555 7.6)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import Event
from hanaper.apps.events.texts import text_of
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Request
from hanaper.core.acme.base64url import encode
from tests.acme_client import csr_for, new_key
from tests.apps.private_ca.test_same_key import another
from tests.faces.acme.conftest import NAME, client_of, leaf_of, ready_order, revoked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", [2, 6, 7, 8, 10, 11, -1, "1", True, 1.0])
def test_reasons_that_are_none(client, issued, reason):
    assert revoked(client, leaf_of(client, issued), reason).problem == "badRevocationReason"
    assert PrivateCertificate.objects.get().state == "issued"


def test_revoked_by_the_key_of_the_certificate(client, name_server, working):
    key = new_key()
    _, order = ready_order(client, name_server, NAME)
    leaf = leaf_of(client, client.finalize(order, csr_for([NAME], key=key.private_key)).json)
    stranger = client_of(working)
    assert revoked(stranger, leaf, key=new_key()).problem == "unauthorized"
    assert revoked(stranger, leaf, 1, key=key, jwk=True).status == 200
    assert revoked(stranger, leaf, 1, key=key, jwk=True).problem == "alreadyRevoked"
    assert PrivateCertificate.objects.get().reason == "keyCompromise"


@pytest.fixture
def same_key(client, name_server, owner, working, stranger, at):
    """Of one key: one by ACME, one of the account below another CA, and one of a stranger."""
    key = new_key()
    _, order = ready_order(client, name_server, NAME)
    csr = csr_for([NAME], key=key.private_key)
    leaf = leaf_of(client, client.finalize(order, csr).json)
    elsewhere, theirs = another(owner, at), another(stranger, at)
    pem = x509.load_der_x509_csr(csr).public_bytes(Encoding.PEM).decode()
    request = Request("server", csr=pem)
    other = private_ca.issue(owner.actor, elsewhere, request, at=at)
    foreign = private_ca.issue(stranger.actor, theirs, request, at=at)
    return key, leaf, other, foreign


def states(*certificates):
    for one in certificates:
        one.refresh_from_db()
    return [one.state for one in certificates]


def test_whoever_has_a_compromised_key_revokes_all_that_are_of_it(same_key, working):
    key, leaf, other, foreign = same_key
    assert revoked(client_of(working), leaf, 1, key=key, jwk=True).status == 200
    assert states(other, foreign) == ["revoked", "issued"]
    assert other.reason == "keyCompromise"
    by = AuditEntry.objects.filter(target=other.public_id).latest("pk").actor_name
    assert by.startswith("ACME, by the key of pct_")
    assert not Event.objects.filter(kind="private_certificate.same_key").exists()


@pytest.mark.parametrize("reason", [None, 4])
def test_the_others_stay_where_it_is_not_compromised(same_key, working, reason):
    key, leaf, other, _ = same_key
    assert revoked(client_of(working), leaf, reason, key=key, jwk=True).status == 200
    assert states(other) == ["issued"]
    # It turns out later; and said again, what was left by an interruption is finished.
    assert revoked(client_of(working), leaf, 1, key=key, jwk=True).status == 200
    assert states(other) == ["revoked"]
    PrivateCertificate.objects.filter(pk=other.pk).update(state="issued")
    assert revoked(client_of(working), leaf, 1, key=key, jwk=True).problem == "alreadyRevoked"
    assert states(other) == ["revoked"]


def test_without_proof_the_others_are_named(client, same_key, owner):
    _, leaf, other, _ = same_key
    assert revoked(client, leaf, 1).status == 200
    assert states(other) == ["issued"]
    told = Event.objects.get(kind="private_certificate.same_key")
    assert (told.account, told.data["certificates"]) == (owner.account, [other.public_id])
    assert other.public_id in text_of(told.kind, told.subject, told.data)[1]


def test_what_a_refund_locks_is_named(same_key, working, owner):
    key, leaf, other, _ = same_key
    Order.objects.filter(pk=other.ca.order_id).update(state="refund_in_progress")
    assert revoked(client_of(working), leaf, 1, key=key, jwk=True).status == 200
    assert states(other) == ["issued"]
    assert Event.objects.get(kind="private_certificate.same_key").data["left"] == other.public_id


def test_revoked_by_whoever_controls_every_name(client, name_server, issued, working, external):
    leaf = leaf_of(client, issued)
    other = client_of(working)
    other.register(external[0].public_id, external[1])
    assert revoked(other, leaf).problem == "unauthorized"
    ready_order(other, name_server, "other.example.com")
    assert revoked(other, leaf).problem == "unauthorized"
    ready_order(other, name_server, NAME)
    assert revoked(other, leaf).status == 200


def test_only_what_was_issued_here(client, issued, working, external):
    leaf = leaf_of(client, issued)
    der = leaf.public_bytes(Encoding.DER)
    forged = encode(der[:-1] + bytes([der[-1] ^ 1]))
    for given, status in ((forged, 404), ("AAAA", 400), ("=", 400), (None, 400)):
        answer = client.post(client.url("revokeCert"), {"certificate": given})
        assert (answer.status, answer.problem) == (status, "malformed")
    elsewhere = client_of(working, "client")
    elsewhere.register(external[0].public_id, external[1])
    assert revoked(elsewhere, leaf).status == 404
    assert PrivateCertificate.objects.get().state == "issued"
