"""An ACME client's way to a certificate, walked like `drive.py` and started again after a crash."""

from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from hanaper import clock, wiring
from hanaper.apps.acme import services
from hanaper.apps.acme.directories import actor_of
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, Authorization, Challenge, ExternalKey
from hanaper.apps.authority.models import Issuance
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.core.acme import jws
from hanaper.core.acme.challenges import dns_value, key_authorization
from hanaper.core.x509.names import Subject
from hanaper.storage.wake import run_pursuit
from tests.acme_client import new_key
from tests.faults.drive import Journey

NAME = "www.example.test"


def acme() -> dict[str, Any]:
    """Buy and enable a CA, bind a client, show control of a name, finalize; the sweep does what died."""
    journey = Journey("success")
    at = clock.now()
    account = AcmeAccount.objects.select_related("key").first() or _bound(journey, _working(journey))
    account.ca = PrivateCA.objects.select_related("account", "authority", "order").get(pk=account.ca_id)
    order = AcmeOrder.objects.order_by("pk").first() or services.new_order(
        actor_of(account), account, {"identifiers": [{"type": "dns", "value": NAME}]}, at=at, system_at=at
    )
    challenge = Challenge.objects.get(authorization__orders=order, kind="dns-01")
    journey.names.records[f"_acme-challenge.{NAME}", "TXT"] = [
        dns_value(key_authorization(challenge.token, account.thumbprint))
    ]
    if challenge.state == "pending":
        system_at = clock.system_now()
        services.begin_check(account, challenge, at=at, system_at=system_at)
        run_pursuit("acme.challenge", challenge.pk, at, system_at)
    _sweep()
    order = services.order_of(account, order.public_id, at=at)
    if order.state == "ready":
        services.finalize(actor_of(account), order, _csr(), at=at, system_at=clock.system_now())
    _sweep()
    order.refresh_from_db()
    ca, key = PrivateCA.objects.get(pk=account.ca_id), ExternalKey.objects.get()
    valid = Issuance.objects.filter(
        authority=ca.authority, state="signed", revoked_at=None, reference__startswith="pct_"
    )
    return {
        "order_settled": order.state in ("valid", "invalid"),
        "authorization": Authorization.objects.get().state,
        "certificates_agree": valid.count() == PrivateCertificate.objects.filter(state="issued").count(),
        "valid_has_one": (order.state == "valid") == (valid.count() == 1),
        "quota_is_what_counts": ca.quota_used == valid.count() == key.certificates_used,
        "unfinished": Issuance.objects.filter(state__in=["prepared", "signing"]).count(),
    }


def _working(journey: Journey) -> PrivateCA:
    at = clock.now()
    order = Order.objects.first() or orders.place_order(
        journey.actor, account=journey.account, lines=[LineDraft("private-root-ca", 1)], currency="USD", at=at
    )
    if order.state == "unpaid":
        orders.pay_order(journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
    for ca in PrivateCA.objects.filter(state="not_enabled").order_by("pk"):
        given = CaSettings(subject=Subject(common_name=f"Example {ca.kind}"))
        private_ca.enable_ca(journey.actor, ca, given, at=clock.now())
    return PrivateCA.objects.get(kind="intermediate")


def _bound(journey: Journey, ca: PrivateCA) -> AcmeAccount:
    at = clock.now()
    external = ExternalKey.objects.first() or services.create_key(journey.actor, ca, at=at)[0]
    own = jws.read_key(
        {name: value for name, value in new_key().as_dict(private=False).items() if name != "kid"}
    )
    return AcmeAccount.objects.create(
        account=journey.account,
        ca=ca,
        template="server",
        key=external,
        binding={},
        jwk=jws.members(own),
        thumbprint=jws.thumbprint(own),
        created_at=at,
    )


def _csr() -> bytes:
    names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    key = ec.generate_private_key(ec.SECP256R1())
    return builder.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _sweep() -> None:
    """From an ever later system time: leases are over by then."""
    for later in (0, 120, 240, 360):
        for _, sweep in wiring.SWEEPS:
            sweep(clock.now(), clock.system_now() + timedelta(seconds=later))
    assert settings.RESOLVERS
