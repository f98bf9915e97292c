"""Certificates after they were issued: renewed, held, released, revoked, gone with their CA."""

import hashlib
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from hanaper.apps.authority.services import is_compromised
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate, PrivateName
from hanaper.apps.private_ca.services import Request
from hanaper.apps.secrets.models import SealedSecret
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from tests.apps.private_ca.certificates import DAY, csr, issue, leaf, refused, server
from tests.apps.private_ca.conftest import reset
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_renewed(owner: Person, working: PrivateCA, at: datetime) -> None:
    first = issue(owner, working, at, server("a.example", key_algorithm=KeyAlgorithm.EC_P384))
    again = services.renew(owner.actor, first, at=at + 30 * DAY)
    assert (again.names, again.template, again.renews) == (first.names, "server", first)
    assert leaf(again).public_key() != leaf(first).public_key() and again.key_algorithm == "ec-p384"


def test_whose_key_came_by_csr_is_renewed_by_csr(owner: Person, working: PrivateCA, at: datetime) -> None:
    """Or with a key that is made here, if that is said: nobody could use one that they did not ask for."""
    request = csr({}, [x509.DNSName("a.example")])
    first = issue(owner, working, at, Request("server", csr=request))
    refusal = refused("csr_needed", lambda: services.renew(owner.actor, first, at=at))
    assert refusal.field == "csr" and len(refusal.next_steps) == 2
    both = refused(
        "key_in_csr", lambda: services.renew(owner.actor, first, csr=request, key_here=True, at=at)
    )
    assert both.field == "key_here"
    answer = owner.rest.post(f"/private-certificates/{first.public_id}/renew", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "csr_needed")
    assert PrivateCertificate.objects.get() == first and PrivateCA.objects.get(pk=working.pk).quota_used == 1
    assert services.renew(owner.actor, first, csr=request, at=at).key is None
    answer = owner.rest.post(f"/private-certificates/{first.public_id}/renew", {"key_here": True})
    assert answer.status_code == 201 and answer.json()["key_here"] is True


def test_what_is_on_hold_is_not_renewed(owner: Person, working: PrivateCA, at: datetime) -> None:
    held = services.hold(owner.actor, issue(owner, working, at), at=at)
    refused("on_hold", lambda: services.renew(owner.actor, held, at=at))
    assert PrivateCertificate.objects.get() == held
    released = services.release(owner.actor, held, at=at)
    assert services.renew(owner.actor, released, at=at).renews == held


def test_a_key_that_others_may_have_is_never_certified_again(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    request = csr({NameOID.COMMON_NAME: "www.corp.example"}, [x509.DNSName("www.corp.example")])
    certificate = issue(owner, working, at, Request("server", csr=request))
    services.revoke(owner.actor, certificate, RevocationReason.KEY_COMPROMISE, at=at)
    for again in (
        lambda: issue(owner, working, at, Request("server", csr=request)),
        lambda: services.renew(owner.actor, certificate, csr=request, at=at),
    ):
        refused("csr_key_compromised", again)
    assert PrivateCertificate.objects.get() == certificate
    spki = leaf(certificate).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert is_compromised(hashlib.sha256(spki).hexdigest()), "by no other product either"
    made_here = issue(owner, working, at)
    services.revoke(owner.actor, made_here, RevocationReason.SUPERSEDED, at=at)
    assert services.renew(owner.actor, certificate, key_here=True, at=at).state == "issued"


def test_held_released_revoked(owner: Person, working: PrivateCA, order: Order, at: datetime) -> None:
    certificate = issue(owner, working, at)
    said = refused("not_in_this_state", lambda: services.release(owner.actor, certificate, at=at))
    assert said.next_steps == ("It can be renewed, put on hold or revoked.",)
    assert services.hold(owner.actor, certificate, at=at).state == "held"
    refused("not_in_this_state", lambda: services.hold(owner.actor, certificate, at=at))
    released = services.release(owner.actor, certificate, at=at)
    assert (released.state, released.revoked_at, released.reason) == ("issued", None, "")
    services.hold(owner.actor, certificate, at=at)
    revoked = services.revoke(owner.actor, certificate, RevocationReason.SUPERSEDED, at=at)
    assert (revoked.state, revoked.reason) == ("revoked", "superseded")
    refused("not_in_this_state", lambda: services.release(owner.actor, certificate, at=at))
    refused(
        "bad_reason",
        lambda: services.revoke(owner.actor, certificate, RevocationReason.CERTIFICATE_HOLD, at=at),
    )
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUND_IN_PROGRESS)
    refused("order_locked", lambda: services.hold(owner.actor, certificate, at=at))


def test_a_reset_deletes_certificates_and_keys(owner: Person, working: PrivateCA, at: datetime) -> None:
    """R17; SPEC section 6: quota that was consumed is not given back."""
    first = issue(owner, working, at)
    services.renew(owner.actor, first, at=at)
    assert services.prepare_reset(owner.actor, PrivateCA.objects.get(pk=working.pk)).certificates == 2
    reset(owner, PrivateCA.objects.select_related("authority").get(pk=working.pk), at)
    assert not PrivateCertificate.objects.exists() and not PrivateName.objects.exists()
    assert not SealedSecret.objects.filter(purpose="private_ca.private_key").exists()
    assert PrivateCA.objects.get(pk=working.pk).quota_used == 2
