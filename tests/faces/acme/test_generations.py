"""A CA that is renewed serves its clients on; one that is reset knows them no more (R17)."""

import pytest
from cryptography import x509

from hanaper import clock
from hanaper.apps.acme.models import (
    AcmeAccount,
    AcmeOrder,
    Authorization,
    Challenge,
    ExternalKey,
    RenewalCall,
)
from hanaper.apps.acme.sweep import forget_after_reset, sweep
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.secrets.models import SealedSecret
from tests.acme_client import csr_for
from tests.apps.private_ca.conftest import enable, reset
from tests.faces.acme.conftest import NAME, client_of, leaf_of, ready_order

pytestmark = pytest.mark.django_db
EVERYTHING = (AcmeAccount, AcmeOrder, Authorization, Challenge, ExternalKey, RenewalCall)


@pytest.mark.parametrize("new_key", [False, True], ids=["the same key", "a new key"])
def test_what_was_begun_before_a_renewal_is_finished_after(client, name_server, owner, working, at, new_key):
    url, order = ready_order(client, name_server, NAME)
    private_ca.renew_ca(owner.actor, working, private_ca.Renewal(new_key=new_key), at=clock.now())
    sweep(clock.now(), clock.system_now())
    assert client.post(client.kid).json["status"] == "valid"
    assert client.post(url).json["status"] == "ready"
    done = client.finalize(order, csr_for([NAME])).json
    _, issuing = x509.load_pem_x509_certificates(client.post(done["certificate"]).content)
    own = PrivateCA.objects.get(pk=working.pk).authority.certificate
    assert issuing == x509.load_der_x509_certificate(bytes(own))
    assert client.order(NAME).json["status"] == "ready"


def test_a_certificate_from_before_a_new_key_keeps_its_chain_and_its_window(
    client, issued, owner, working, at
):
    leaf, before = leaf_of(client, issued), client.post(issued["certificate"]).content
    private_ca.renew_ca(owner.actor, working, private_ca.Renewal(new_key=True), at=clock.now())
    assert client.post(issued["certificate"]).content == before
    assert leaf_of(client, issued) == leaf


def test_a_reset_leaves_nothing_that_acts(client, external, issued, owner, working, name_server, at):
    _, order = ready_order(client, name_server, "a.example.com")
    owner.rest.post(f"/private-cas/{working.public_id}/acme/renewals", {"certificates": None})
    secrets = SealedSecret.objects.count()
    reset(owner, working, clock.now())
    for answer in (client.post(client.kid), client.order(NAME), client.post(issued["certificate"])):
        assert (answer.status, answer.problem) == (404, "malformed")
    # Enabled anew it is another CA: neither account nor key is known, also before the sweep has come by.
    enable(owner, PrivateCA.objects.get(pk=working.pk), clock.now())
    client.nonce = ""
    for answer in (client.post(client.kid), client.order(NAME), client.finalize(order, csr_for([NAME]))):
        assert answer.problem == "accountDoesNotExist"
    key, secret = external
    assert client_of(working).register(key.public_id, secret).problem == "unauthorized"
    known = client.post(client.url("newAccount"), {"onlyReturnExisting": True}, jwk=True)
    assert known.problem == "accountDoesNotExist"
    while forget_after_reset():
        pass
    assert [each for each in EVERYTHING if each.objects.exists()] == []
    assert SealedSecret.objects.count() < secrets


def test_what_came_after_is_not_forgotten(client, owner, working, at):
    reset(owner, working, clock.now())
    again = enable(owner, PrivateCA.objects.get(pk=working.pk), clock.now())
    made = owner.rest.post(f"/private-cas/{again.public_id}/acme/keys", {}).json()
    newcomer = client_of(again)
    assert newcomer.register(made["id"], made["hmac_key"]).status == 201
    while forget_after_reset():
        pass
    assert newcomer.post(newcomer.kid).json["status"] == "valid"
    assert AcmeAccount.objects.count() == 1
