"""One side of a race as a process of its own: `python -m tests.races.actor WORD`; JSON on the last line.

`prepare`: a certificate is issued, is being reissued, and its revocation was asked for. `deliver`: the worker
fetches what the issuer made and lets it count. `refund`: an operator approves the revocation, the CA revokes,
and the customer asks for the refund. `look`: the sweep works on; then what is true.
"""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from hanaper import clock
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.certificates.services import checking, issuing, reissuing, revocation_pursuit, revoking
from hanaper.apps.orders.models import Order
from hanaper.apps.refunds import services as refunds
from hanaper.apps.refunds.models import Refund
from hanaper.core.errors import Refusal
from tests.faults.drive import REVIEWER, Journey
from tests.races import guards


def prepare() -> dict[str, Any]:
    journey = Journey("success")
    while not Certificate.objects.filter(state="issued").exists():
        journey.step()
        journey.sweep()
    certificate = Certificate.objects.get()
    reissuing.reissue(journey.actor, certificate, at=clock.now())
    for check in DomainCheck.objects.filter(state="pending"):
        journey.names.records[f"_hanaper-challenge.{check.domain}", "TXT"] = [check.token]
        checking.pursue_check(check.pk, clock.now(), check.due_at)
    revoking.request_revocation(journey.actor, certificate, at=clock.now())
    return {"reissue": Application.objects.latest("pk").state, "certificate": Certificate.objects.get().state}


def deliver() -> dict[str, Any]:
    order = IssuerOrder.objects.latest("pk")
    issuing.pursue_issuer_order(order.pk, clock.now(), clock.system_now())
    return {"issuer_order": IssuerOrder.objects.latest("pk").state}


def refund() -> dict[str, Any]:
    """Until it is taken: the revocation is done once nothing of the year is valid."""
    request = revoking.approve_revocation(REVIEWER, RevocationRequest.objects.get(), at=clock.now())
    while True:
        revocation_pursuit.pursue_revocation(request.pk, clock.now(), clock.system_now())
        try:
            made = refunds.request_refund(Journey("success").actor, Order.objects.get(), at=clock.now())
        except Refusal as refusal:
            if refusal.clause != "R10":
                raise
        else:
            return {"refund": made.state}


def look() -> dict[str, Any]:
    journey = Journey("success")
    for _ in range(3):
        journey.sweep()
    valid = issuing.issued_and_valid(Certificate.objects.get(), clock.now())
    return {"refund": Refund.objects.get().state, "valid": len(valid)}


if __name__ == "__main__":
    guards.arm()
    done = {"prepare": prepare, "deliver": deliver, "refund": refund, "look": look}[sys.argv[1]]()
    sys.stdout.write(json.dumps(done) + "\n")
