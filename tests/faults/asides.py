"""What lies beside the main job, walked like `drive.py`: `python -m tests.faults.asides NAME`; JSON at the end.

Each looks where it stands and goes on from there, so that it is simply started again after a crash.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from django.conf import settings
from django.test import Client

from hanaper import clock
from hanaper.apps.accounts.models import IdempotencyRecord
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority import services as authority_services
from hanaper.apps.authority import sweep as authority_sweep
from hanaper.apps.authority.models import Authority, Issuance, Responder, RevocationList, StoredKey
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.certificates import at_issuer
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.services import checking, withdrawing
from hanaper.apps.events import sweep as events
from hanaper.apps.events.models import Notice
from hanaper.apps.gateway import fleet
from hanaper.apps.gateway import services as gateways
from hanaper.apps.gateway import sweep as gateway_sweep
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode, UsageHour
from hanaper.apps.ledger.models import CustomerBalance
from hanaper.apps.ledger.verification import LedgerReport, verify_books
from hanaper.apps.orders import services as orders_services
from hanaper.apps.orders import sweep as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import Payment
from hanaper.apps.payments.providers import CARD, provider
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.verification import verify_parts, verify_provider
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.policies import services as policies
from hanaper.apps.trials import running
from hanaper.apps.trials import services as trials
from hanaper.apps.trials import sweep as trials_sweep
from hanaper.apps.trials.models import PolicyTrial, TrialFinding
from hanaper.apps.webhooks import services as webhooks
from hanaper.apps.webhooks import sweep as webhooks_sweep
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.core.actor import system
from hanaper.core.gateway.wire import Batch, Tally
from hanaper.core.refund.policy import shipped_text
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject
from tests.faults.acme import acme
from tests.faults.drive import PRODUCT, Journey
from tests.faults.supplying import supply
from tests.fixtures_ocsp import asked

LINES = {"lines": [{"product": PRODUCT}], "currency": "USD"}


def request() -> dict[str, Any]:
    """A program places an order with an idempotency key, and asks again when the first request's lease is over."""
    IdempotencyRecord.objects.update(lease_until=clock.system_now() - timedelta(seconds=1))
    people = json.loads((Path(settings.DATA) / "credentials.json").read_text())
    headers = {"Authorization": f"Bearer {people['customer']['access_key']}", "Idempotency-Key": "the-same"}
    answer = Client().post("/api/v1/orders", LINES, content_type="application/json", headers=headers)
    order = Order.objects.get()
    said = answer.json()
    named = said["id"] if answer.status_code == 201 else said["error"]["details"]["target"]
    return {"status": answer.status_code, "names_the_order": named == order.public_id}


def expire() -> dict[str, Any]:
    """Nobody pays the order; the sweep ends it."""
    if not Order.objects.exists():
        Journey("success").step()
    orders.sweep(clock.now() + timedelta(hours=25), clock.system_now())
    order = Order.objects.get()
    ended = AuditEntry.objects.filter(target=order.public_id, action="order.expired")
    return {"order": order.state, "told": ended.count()}


def unwanted() -> dict[str, Any]:
    """The customer withdraws while the issuer is at it; what it made is revoked, and nobody gets it."""
    journey = Journey("success")
    while not IssuerOrder.objects.exists():
        journey.step()
        for check in DomainCheck.objects.filter(state="pending"):
            checking.pursue_check(check.pk, clock.now(), check.due_at)
        if Certificate.objects.filter(state="validating_application").exists():
            continue
        journey.sweep()
    order = IssuerOrder.objects.get()
    if order.state == "prepared":
        progress = at_issuer.submit(order, clock.now())
        IssuerOrder.objects.update(reference=progress.reference, state="submitted", tries=1)
        withdrawing.withdraw(journey.actor, order.certificate, at=clock.now())
    for _ in range(8):  # until past the lease of a process that died
        journey.sweep()
    return {
        "issuer_order": IssuerOrder.objects.get().state,
        "certificate": Certificate.objects.get().state,
        "valid": Issuance.objects.filter(state="signed", revoked_at=None).count(),
        "revoked": Issuance.objects.exclude(revoked_at=None).count(),
        "told": AuditEntry.objects.filter(action="certificate.discarded").count(),
    }


def webhook() -> dict[str, Any]:
    """The customer's server is told of an order; it answers no connection, so that it is tried again."""
    journey = Journey("success")
    if not Endpoint.objects.exists():
        webhooks.create_endpoint(
            journey.actor, journey.account, url="http://127.0.0.1:9/", kinds=["order.placed"], at=clock.now()
        )
        journey.step()
        events.deliver(clock.system_now())
    at = clock.system_now()
    for _ in range(3):
        at += timedelta(minutes=10)
        webhooks_sweep.sweep(clock.now(), at)
    deliveries = Delivery.objects.all()
    return {
        "deliveries": deliveries.count(),
        "tried": all(one.attempts >= 3 for one in deliveries),
        "states": sorted({one.state for one in deliveries}),
        "notices": Notice.objects.filter(kind="order.placed").count(),
    }


def trial() -> dict[str, Any]:
    """A policy is tried on the order book, an order at a time."""
    journey = Journey("success")
    running.BATCH = 1
    if not PolicyTrial.objects.exists():
        for _ in range(3):
            order = orders_services.place_order(
                journey.actor,
                account=journey.account,
                lines=[LineDraft(PRODUCT, 1)],
                currency="USD",
                at=clock.now(),
            )
            orders_services.pay_order(
                journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=clock.now()
            )
        long = shipped_text("2024-10-25").replace("days = 7", "days = 30").replace("2024-10-25", "long")
        policies.write_draft(system("test"), text=long, at=clock.now())
        trials.start_trial(system("test"), policy="long", at=clock.now())
    trials_sweep.sweep(clock.now(), clock.system_now() + timedelta(hours=1))
    found = PolicyTrial.objects.get()
    return {
        "state": found.state,
        "looked_at": found.looked_at,
        "counted": [row["count"] for row in found.tally],
        "findings": TrialFinding.objects.count(),
    }


def gateway() -> dict[str, Any]:
    """A node says what it counted, and the instance is reset; each again until it has happened."""
    journey, at = Journey("success"), clock.now()
    if not GatewayInstance.objects.exists():
        order = orders_services.place_order(
            journey.actor,
            account=journey.account,
            lines=[LineDraft("https-gateway-1m", 1)],
            currency="USD",
            at=at,
        )
        orders_services.pay_order(journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
        GatewayInstance.objects.update(domain="www.crash.test", state="active", behaviour={})
        GatewayNode.objects.create(name="one", token_hash="x", joined_at=at)
    instance, node = GatewayInstance.objects.get(), GatewayNode.objects.get()
    tallies = (Tally(instance=instance.public_id, hour=500_000, visits=10, bytes_out=5),)
    gateways.take(node, Batch(log="log", begin=0, end=100, tallies=tallies), at)
    if instance.domain and instance.resetting_since is None:
        gateways.reset_by_plan(journey.actor, instance, at=at)
    GatewayNode.objects.update(settled=fleet.version())
    gateway_sweep.sweep(at, clock.system_now())
    instance.refresh_from_db()
    return {
        "counted": [instance.visits, instance.bytes_out, instance.grcq_used],
        "hours": UsageHour.objects.count(),
        "taken": [log.taken for log in node.logs.all()],
        "domain": instance.domain,
        "reset": instance.reset_at is not None,
        "asked": AuditEntry.objects.filter(action="gateway.reset").count(),
    }


def look() -> dict[str, Any]:
    """Nobody does anything; the sweep works for a while, and the provider's webhooks arrive."""
    journey = Journey("success")
    for _ in range(4):
        journey.sweep()
    journey.look_at_refunds()
    report = LedgerReport()
    verify_books(report)
    verify_parts(report)
    verify_provider(report)
    order = Order.objects.first()
    return {
        "books": report.problems,
        "order": order and order.state,
        "balance": CustomerBalance.objects.get(account=journey.account).amount,
        "charged": [one.amount for one in provider(CARD).list_charges()],
        "given_back": [one.amount for one in provider(CARD).list_refunds()],
        "disputed": Payment.objects.filter(disputed=True).count(),
        "valid": Issuance.objects.filter(state="signed", revoked_at=None).count(),
        "unfinished": Issuance.objects.filter(state__in=["prepared", "signing"]).count(),
    }


def responder() -> dict[str, Any]:
    """An authority names who answers for it by OCSP, and a revocation shows."""
    at = clock.now()
    authority = Authority.objects.filter(name="Aside").first()
    if authority is None:
        draft = authority_services.AuthorityDraft(
            name="Aside",
            subject=Subject(common_name="Aside"),
            algorithm=KeyAlgorithm.EC_P256,
            not_after=at + timedelta(days=400),
            ocsp=True,
            delta=True,
        )
        authority = authority_services.make_authority(draft, None, at=at)
    for minutes in (0, 2, 4):
        authority_sweep.sweep(at, clock.system_now() + timedelta(minutes=minutes))
    (named,) = Responder.objects.all()
    issuance = named.issuance
    authority_services.revoke(issuance, RevocationReason.SUPERSEDED, at=at)
    for _ in range(2):
        authority_sweep.sweep(clock.now(), clock.system_now())
    response = asked(authority, [issuance.serial], clock.now())
    return {
        "signed": named.certificate is not None,
        "issuances": list(Issuance.objects.values_list("state", flat=True)),
        "keys": StoredKey.objects.count(),
        "said": response.certificate_status.name,
        "on_the_list": RevocationList.objects.get(authority=authority, base=None, newest=True).entries,
        "on_the_delta": RevocationList.objects.get(
            authority=authority, base__isnull=False, newest=True
        ).entries,
    }


if __name__ == "__main__":
    walks = (request, expire, unwanted, webhook, trial, look, responder, acme, gateway, supply)
    found = next(walk for walk in walks if walk.__name__ == sys.argv[1])()
    sys.stdout.write(json.dumps(found) + "\n")
