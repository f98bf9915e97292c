"""Revocation by whoever may (RFC 8555 7.6)."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.acme.base64url import encode
from tests.acme_client import csr_for, new_key
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
