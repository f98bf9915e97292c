"""Two gateways whose certificates come by themselves: one is served, the other is reset while it is pending.

Walked by `asides.py`: each call looks where it stands and goes on from there.
"""

from typing import Any

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Issuance
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Contact
from hanaper.apps.certificates.services import people
from hanaper.apps.events.models import Event
from hanaper.apps.gateway import services as gateways
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import OrderLine
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.core.gateway.supply import ShownBy
from tests.faults.drive import PRODUCT, Journey

ORIGINS = {"origins": [{"host": "127.0.0.1", "port": 9}]}
ROUNDS = 8  # of the sweep: until past the lease of a process that died


def supply() -> dict[str, Any]:
    journey = Journey("success")
    if not Contact.objects.exists():
        fields = {"name": "Ada", "email": "ada@example.com"}
        people.create_contact(journey.actor, journey.account, fields=fields, at=clock.now())
        for product, count in ((PRODUCT, 2), ("https-gateway-1m", 1), ("https-gateway-1m", 1)):
            _buy(journey, product, count)
    stays, goes = GatewayInstance.objects.order_by("pk")
    for number, one in enumerate((stays, goes)):
        if not one.domain and one.reset_at is None:
            gateways.add_domain(
                journey.actor,
                one,
                domain=f"www{number}.crash.test",
                behaviour=ORIGINS,
                automatic=gateways.Automatic(shown_by=ShownBy.DNS),
                at=clock.now(),
            )
    for _ in range(ROUNDS):
        _as_its_owner(journey, stays, goes)
        journey.sweep()
    return _what_is_true(stays)


def _buy(journey: Journey, product: str, count: int) -> None:
    order = orders.place_order(
        journey.actor,
        account=journey.account,
        lines=[LineDraft(product, count)],
        currency="USD",
        at=clock.now(),
    )
    orders.pay_order(journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=clock.now())


def _as_its_owner(journey: Journey, stays: GatewayInstance, goes: GatewayInstance) -> None:
    """Point the one and set its record; reset the other once its certificate is pending."""
    stays.refresh_from_db()
    goes.refresh_from_db()
    journey.names.records[stays.domain, "CNAME"] = [stays.cname + "."]
    for wish in CertificateWish.objects.filter(instance=stays):
        for record in wish.records:
            journey.names.records[record["name"], "TXT"] = [record["value"]]
    pending = CertificateWish.objects.filter(instance=goes, state="applied").exclude(records=[])
    if pending.exists() and goes.resetting_since is None:
        gateways.reset_by_plan(journey.actor, goes, at=clock.now())


def _what_is_true(stays: GatewayInstance) -> dict[str, Any]:
    stays.refresh_from_db()
    certificates = Certificate.objects.order_by("state")
    return {
        "states": list(GatewayInstance.objects.order_by("pk").values_list("state", flat=True)),
        "wishes": list(CertificateWish.objects.values_list("state", flat=True)),
        "certificates": list(certificates.values_list("state", flat=True)),
        "served_is_issued": certificates.filter(public_id=stays.certificate, state="issued").exists(),
        "valid": Issuance.objects.filter(state="signed", revoked_at=None).count(),
        "left": OrderLine.objects.get(product__code=PRODUCT).quota_available,
        "begun": AuditEntry.objects.filter(action="gateway.certificate_begun").count(),
        "told": Event.objects.filter(kind="gateway.certificate_ordered").count(),
    }
