"""A process that walks the main job as far as it gets; a kill test arms one crash point in it.

`python -m tests.faults.drive CARD` places an order, pays by that card, has a certificate issued, and goes the
plan's way through revocation and review to the refund. It looks where it stands and goes on from there, so
after a crash it is simply started again, as a customer, an operator and the sweep would come back. Ends with
one JSON object: what is true then.
"""

import json
import os
import sys
import time
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
os.environ.setdefault("HANAPER_LOG_LEVEL", "ERROR")
django.setup()

from django.conf import settings
from django.db.models import Count, Q

from hanaper import clock, wiring
from hanaper.apps.accounts.models import Account, Membership
from hanaper.apps.audit.verification import verify as verify_audit
from hanaper.apps.authority.models import Issuance, RevocationList
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services import applying, creating, people, revoking
from hanaper.apps.events.models import Event, Notice
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.ledger.verification import LedgerReport, verify_books
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.models import ChargeAttempt, RefundAttempt, Return
from hanaper.apps.payments.providers import CARD, CardDetails, provider
from hanaper.apps.payments.services import MeansChoice, receive_webhook
from hanaper.apps.payments.verification import verify_parts, verify_provider
from hanaper.apps.payments.vocabulary import UNFINISHED, Means
from hanaper.apps.refunds import services as refunds
from hanaper.apps.refunds.models import Refund, RefundPlan
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole
from hanaper.core.errors import Refusal
from hanaper.sandbox_card.cards import BY_NAME
from hanaper.sandbox_dns.name_server import NameServer

PRODUCT = "hanaper-dv-single-1y"
DOMAIN = "crash.example.test"
SECONDS = 60


def customer() -> Actor:
    membership = Membership.objects.select_related("user", "account").get(
        account__name="Example Ltd", role=AccountRole.OWNER
    )
    return Actor(
        kind=ActorKind.CUSTOMER,
        name=membership.user.email,
        account_id=membership.account_id,
        account_role=AccountRole.OWNER,
        user_id=membership.user_id,
    )


REVIEWER = Actor(kind=ActorKind.OPERATOR, name="reviewer", staff_roles=frozenset({StaffRole.REVIEWER}))


class Journey:
    """Each `step` does the next thing that is not done yet; whether there was one."""

    def __init__(self, card: str) -> None:
        self.card = CardDetails(BY_NAME[card].number, "12/30")
        self.actor = customer()
        self.account = Account.objects.get(pk=self.actor.account_id)
        self.names = NameServer()
        settings.RESOLVERS = [self.names.address]
        self.skipped = timedelta(hours=1)

    def step(self) -> bool:
        at = clock.now()
        order = Order.objects.select_related("payment").first()
        if order is None:
            orders.place_order(
                self.actor, account=self.account, lines=[LineDraft(PRODUCT, 1)], currency="USD",
                voucher_ids=[], coupon_code="", promotion_id="", at=at,
            )  # fmt: skip
            return True
        if order.state == "unpaid":
            if order.payment is not None and order.payment.state == "open":
                orders.pay_order(self.actor, order, means=[MeansChoice(Means.CARD, card=self.card)], at=at)
            return True
        if order.state == "refunded":
            return False
        certificate = Certificate.objects.first()
        if certificate is None:
            creating.create(self.actor, creating.line_of(order, None), at=at)
            return True
        return self._certificate(order, certificate)

    def _certificate(self, order: Order, certificate: Certificate) -> bool:
        at = clock.now()
        if certificate.state == "pending_application":
            contact = people.create_contact(
                self.actor, self.account, fields={"name": "Ada", "email": "ada@example.com"}, at=at
            )
            form = {
                "domains": [DOMAIN],
                "key_algorithm": "ec-p256",
                "contact": contact.public_id,
                "method": "dns",
            }
            applying.submit(self.actor, certificate, form=form, at=at)
        elif certificate.state == "validating_application":
            for check in DomainCheck.objects.filter(state="pending"):
                self.names.records[f"_hanaper-challenge.{check.domain}", "TXT"] = [check.token]
        elif certificate.state == "issued":
            self._plan(order)
        elif certificate.state == "validating_revocation":
            asked = RevocationRequest.objects.filter(certificate=certificate).first()
            if asked is not None and asked.state == "pending":
                revoking.approve_revocation(REVIEWER, asked, at=at)
        return True

    def _plan(self, order: Order) -> None:
        at = clock.now()
        plan = RefundPlan.objects.exclude(state__in=["cancelled", "refused"]).first()
        if plan is None:
            plan = refunds.prepare_plan(self.actor, order, at=at)
        if plan.state == "prepared":
            refunds.confirm_plan(self.actor, plan, token=plan.token, accept=True, at=at)

    def sweep(self) -> None:
        """What the worker does, from an ever later system time: back-off and leases are over by then."""
        self.skipped += timedelta(hours=2)
        for _, sweep in wiring.SWEEPS:
            sweep(clock.now(), clock.system_now() + self.skipped)

    def look_at_refunds(self) -> None:
        """What the provider's webhooks would make us do."""
        for refund in provider(CARD).list_refunds():
            body = {"id": refund.id, "key": refund.key}
            receive_webhook(
                CARD,
                f"evt_{refund.id}_{refund.status}",
                "refund.updated",
                body,
                clock.now(),
                clock.system_now(),
            )

    def go(self) -> None:
        deadline = time.monotonic() + SECONDS
        while self.step():
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"stuck: {Certificate.objects.values('state')} {RefundPlan.objects.values('state')}"
                )
            try:
                self.sweep()
            except Refusal as refusal:
                raise SystemExit(f"a sweep was refused: {refusal.message}") from refusal
        self.look_at_refunds()
        for _ in range(3):
            self.sweep()


def truth() -> dict[str, Any]:
    """What a kill test looks at."""
    report = LedgerReport()
    verify_books(report)
    verify_parts(report)
    verify_provider(report)
    listed = set(RevocationList.objects.order_by("-pk").values_list("number", flat=True))
    signed = Issuance.objects.filter(Q(state="signed") | Q(state="abandoned"))
    return {
        "order": Order.objects.get().state,
        "refund": Refund.objects.get().state,
        "plan": RefundPlan.objects.filter(state="done").count(),
        "books": report.problems,
        "charged": sum(one.status == "succeeded" for one in provider(CARD).list_charges()),
        "given_back": [one.amount for one in provider(CARD).list_refunds() if one.status == "succeeded"],
        "captures": Transfer.objects.filter(kind="payment.card_captured").count(),
        "resolutions": Transfer.objects.exclude(resolves=None).count(),
        "destinations": list(Return.objects.values_list("destination", flat=True)),
        "open_attempts": sum(
            model.objects.filter(state__in=UNFINISHED).count() for model in (ChargeAttempt, RefundAttempt)
        ),
        "open_issuer_orders": IssuerOrder.objects.filter(due_at__isnull=False).count(),
        "signing": Issuance.objects.filter(state__in=["prepared", "signing"]).count(),
        "valid_certificates": signed.filter(revoked_at=None).count(),
        "on_a_list": bool(listed),
        "notices": list(
            Notice.objects.filter(kind="refund.succeeded").values_list("kind").annotate(Count("pk"))
        ),
        "events": Event.objects.filter(kind="refund.succeeded").count(),
        "quota": [line.quota_available for line in Order.objects.get().lines.all()],
        "audit": verify_audit(None).sound,
    }


if __name__ == "__main__":
    journey = Journey(sys.argv[1])
    journey.go()
    sys.stdout.write(json.dumps(truth(), default=str) + "\n")
