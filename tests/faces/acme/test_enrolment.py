"""From the directory to the certificate and back: what every client does, with a client that says it exactly."""

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.acme.base64url import encode
from tests.acme_client import csr_for, new_key
from tests.faces.acme.conftest import client_of, ready_order

pytestmark = pytest.mark.django_db


def test_the_directory_says_where_everything_is(stranger_client):
    told = stranger_client.addresses
    assert told.pop("meta") == {"externalAccountRequired": True}
    assert set(told) == {
        "newNonce",
        "newAccount",
        "newOrder",
        "newAuthz",
        "revokeCert",
        "keyChange",
        "renewalInfo",
    }
    base = stranger_client.directory.removesuffix("directory")
    assert all(address.startswith(base) for address in told.values())


def test_from_an_account_to_a_certificate(client, name_server, working, at, tmp_path):
    url, order = ready_order(client, name_server, "www.example.com", "*.example.com")
    answer = client.finalize(order, csr_for(["*.example.com", "www.example.com"]))
    assert (answer.status, answer.json["status"]) == (200, "valid")
    assert client.post(url).json == answer.json
    chain = client.post(answer.json["certificate"])
    assert chain.headers["Content-Type"] == "application/pem-certificate-chain"
    leaf, issuing = x509.load_pem_x509_certificates(chain.content)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == ["*.example.com", "www.example.com"]
    leaf.verify_directly_issued_by(issuing)
    (tmp_path / "root.pem").write_text(
        private_ca.download(PrivateCertificate.objects.get(), private_ca.Part.ROOT)
    )
    (tmp_path / "chain.pem").write_bytes(chain.content)
    checked = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "chain.pem", "chain.pem"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.stdout.strip() == "chain.pem: OK", checked.stderr


def test_who_did_what_from_where_is_in_the_log(client, external, name_server):
    _, order = ready_order(client, name_server, "www.example.com")
    client.finalize(order, csr_for(["www.example.com"]))
    entries = AuditEntry.objects.filter(actor_name__startswith="ACME aca_").order_by("pk")
    actions = [
        "acme_account.created",
        "acme_order.placed",
        "private_certificate.issued",
        "acme_order.finalized",
    ]
    assert [entry.action for entry in entries] == actions
    assert {entry.address for entry in entries} == {"192.0.2.7"}
    assert {entry.access_key for entry in entries} == {external[0].public_id}
    assert all(entry.request_id.startswith("req_") for entry in entries)


@pytest.mark.parametrize(
    ("kind", "size"), [("EC", "P-256"), ("EC", "P-384"), ("EC", "P-521"), ("RSA", 2048), ("OKP", "Ed25519")]
)
def test_accounts_of_every_kind_of_key(working, external, kind, size):
    made = client_of(working, key=new_key(kind, size))
    key, secret = external
    answer = made.register(key.public_id, secret, contact=["mailto:ada@example.com"])
    assert answer.status == 201
    assert answer.json["status"] == "valid" and answer.json["contact"] == ["mailto:ada@example.com"]
    again = made.post(made.url("newAccount"), {"onlyReturnExisting": True}, jwk=True)
    assert (again.status, again.headers["Location"]) == (200, made.kid)
    assert made.post(made.kid).json["status"] == "valid"


def test_an_order_that_is_open_is_given_again_and_proof_is_used_again(client, name_server):
    url, order = ready_order(client, name_server, "www.example.com")
    assert client.order("WWW.example.com").headers["Location"] == url
    assert client.finalize(order, csr_for(["www.example.com"])).status == 200
    another = client.order("www.example.com")
    assert another.headers["Location"] != url
    assert another.json["status"] == "ready"
    assert another.json["authorizations"] == order["authorizations"]


def test_revoked_by_the_account(client, name_server):
    _, order = ready_order(client, name_server, "www.example.com")
    done = client.finalize(order, csr_for(["www.example.com"])).json
    leaf = x509.load_pem_x509_certificates(client.post(done["certificate"]).content)[0]
    body = {"certificate": encode(leaf.public_bytes(Encoding.DER)), "reason": 4}
    assert client.post(client.url("revokeCert"), body).status == 200
    row = PrivateCertificate.objects.get()
    assert (row.state, row.reason) == ("revoked", "superseded")
    assert client.post(client.url("revokeCert"), body).problem == "alreadyRevoked"
