"""A CA that a second root signs too has two chains; a client is told of both and takes the one it trusts."""

import re
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper import clock
from hanaper.apps.authority.models import CaCertificate
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.acme_client import csr_for
from tests.apps.private_ca.conftest import enable
from tests.apps.private_ca.peers import openssl
from tests.faces.acme.conftest import NAME, client_of, ready_order
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def another(owner, catalogue, published, at):
    """A second root of the account."""
    root = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    return enable(owner, root, at, subject_name="Another root")


@pytest.fixture
def chains(client, name_server):
    """The address of a certificate, and how it is asked: what came, and where the alternates are."""
    _, order = ready_order(client, name_server, NAME)
    address = client.finalize(order, csr_for([NAME])).json["certificate"]

    def ask(url=address, by=client):
        answer = by.post(url)
        return answer, re.findall(r'<([^>]+)>;rel="alternate"', answer.headers["Link"])

    return ask


def test_one_chain_has_no_alternates(chains, client):
    answer, others = chains()
    assert answer.status == 200 and others == []
    assert answer.headers["Link"] == f'<{client.directory}>;rel="index"'


def test_a_cross_sign_is_an_alternate(chains, owner, working, another, at, tmp_path):
    private_ca.cross_sign(owner.actor, working, another, at=at)
    given, (alternate,) = chains()
    other, back = chains(alternate)
    assert chains(*back)[0].content == given.content
    for answer, root in ((given, working.parent), (other, another)):
        assert answer.headers["Content-Type"] == "application/pem-certificate-chain"
        leaf, issuing = x509.load_pem_x509_certificates(answer.content)
        assert issuing.issuer.rfc4514_string().startswith(f"CN={root.name},")
        way = [each.public_bytes(Encoding.DER) for each in (leaf, issuing)]
        root.refresh_from_db()
        assert openssl([*way, bytes(root.authority.certificate)], clock.now(), tmp_path) == "OK"


def test_links_of_a_new_root_key_are_alternates(chains, owner, working, at):
    private_ca.renew_ca(owner.actor, working.parent, private_ca.Renewal(new_key=True), at=at)
    given, (alternate,) = chains()
    other, _ = chains(alternate)
    assert other.content.startswith(given.content)
    assert [len(x509.load_pem_x509_certificates(one.content)) for one in (given, other)] == [2, 3]


def test_one_that_ended_is_none_any_more(chains, owner, working, another, at):
    row = private_ca.cross_sign(owner.actor, working, another, at=at)
    _, (alternate,) = chains()
    CaCertificate.objects.filter(pk=row.pk).update(not_after=at - timedelta(seconds=1))
    answer, _ = chains(alternate)
    assert (answer.status, answer.problem) == (404, "malformed")
    assert chains()[1] == []


@pytest.mark.parametrize("end", ["/0", "/1", "/2", "/x"])
def test_nobody_sees_those_of_another_account(chains, owner, working, another, external, at, client, end):
    private_ca.cross_sign(owner.actor, working, another, at=at)
    _, (alternate,) = chains()
    other = client_of(working)
    other.register(external[0].public_id, external[1])
    url = alternate.removesuffix("/1") + end
    answer, others = chains(url, other)
    assert (answer.status, answer.problem, others) == (404, "malformed", [])
    assert chains(url)[0].status == (200 if end in ("/0", "/1") else 404)
