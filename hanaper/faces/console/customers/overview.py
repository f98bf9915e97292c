"""Overview: what needs somebody now, what ends when, and what was spent."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.certificates import queries as certificates
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.vocabulary import ApplicationState
from hanaper.apps.events.queries import notices_for
from hanaper.apps.ledger.queries import balances
from hanaper.apps.orders import queries as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.terms import window_closes_at
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.policies.queries import policies
from hanaper.apps.private_ca import queries as private_ca
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.apps.refunds import queries as refunds
from hanaper.apps.refunds.vocabulary import PlanState
from hanaper.core.certificate.states import CertificateState
from hanaper.faces.console.charts import Bar, bars, months_of
from hanaper.faces.console.order_rows import order_rows
from hanaper.faces.console.places import PlaceRequest, customer_page

SHOWN = 6
DECIDED = 4 * SHOWN  # of those whose window closes first
SOON = timedelta(days=60)
WEEK = timedelta(days=7)
AHEAD, BACK = 13, 6  # months; a year that was issued now ends in the last one
NEWEST = LOOKED_AT = 200  # orders that are looked through for quota, and for windows that close
THEIR_TURN = (
    CertificateState.VALIDATION_FAILED,
    CertificateState.VALIDATING_APPLICATION,
    CertificateState.PENDING_APPLICATION,
)
PLANS_OPEN = (
    PlanState.PREPARED,
    PlanState.RUNNING,
    PlanState.WAITING,
    PlanState.NEEDS_CONFIRMATION,
    PlanState.STOPPED,
)


@customer_page()
def overview(request: PlaceRequest) -> HttpResponse:
    actor, at = request.place.actor, request.at
    content = {
        "waiting": [one for state in THEIR_TURN for one in _newest(request, state)][:SHOWN],
        "reviewed": [
            *_newest(request, CertificateState.VALIDATING_REVOCATION),
            *_newest(request, CertificateState.VALIDATING_APPLICATION, ApplicationState.REVIEWING),
        ][:SHOWN],
        "expiring": certificates.certificates(actor, expiring_before=at + SOON).order_by("term_end", "id")[
            :SHOWN
        ],
        "private_ending": private_ca.certificates(
            actor, state=PrivateCertificateState.ISSUED, expiring_before=at + SOON
        )
        .filter(not_after__gt=at)
        .order_by("not_after", "id")[:SHOWN],
        "cas_ending": private_ca.ending(actor, before=at + SOON)[:SHOWN],
        "closing": _closing(request),
        "unpaid": orders.orders(actor, state=OrderState.UNPAID).order_by("-placed_at")[:SHOWN],
        "quota": orders.lines_with_quota(actor, newest=NEWEST)[:SHOWN],
        "plans": refunds.plans(actor).filter(state__in=PLANS_OPEN).order_by("-prepared_at")[:SHOWN],
        "notices": notices_for(actor).order_by("-id")[:SHOWN],
        "balances": balances(request.account),
        "endings": _endings(request),
        "spending": _spending(request),
    }
    return render(request, "console/overview.html", content)


def _newest(
    request: PlaceRequest, state: CertificateState, stage: ApplicationState = ApplicationState.VALIDATING
) -> QuerySet[Certificate]:
    """`stage`: of those that are being validated, for that may be somebody else's turn."""
    found = certificates.certificates(request.place.actor, state=state).order_by("-id")
    if state is CertificateState.VALIDATING_APPLICATION:
        found = found.filter(applications__state=stage)
    return found[:SHOWN]


def _closing(request: PlaceRequest) -> list[tuple[Order, datetime]]:
    """Orders that can be refunded, and whose window closes within a week, the next first; of the oldest that
    may have one."""
    longest = timedelta(days=1 + max(policy.window_days for policy in policies()))
    paid = orders.orders(request.place.actor, state=OrderState.PAID, placed_after=request.at - longest)
    found = ((order, window_closes_at(order)) for order in paid.order_by("placed_at")[:LOOKED_AT])
    soon = request.at + WEEK
    closing = [(order, at) for order, at in found if at is not None and request.at < at <= soon]
    first = sorted(closing, key=lambda pair: pair[1])[:DECIDED]
    rows = order_rows([order for order, _ in first], request.at)
    return [(row.order, row.closes_at) for row in rows if row.closes_at is not None][:SHOWN]


def _endings(request: PlaceRequest) -> list[Bar]:
    """How many service years end in each month to come."""
    months = months_of(request.at, AHEAD)
    found = certificates.ends_by_month(request.place.actor, months[0], months[-1])
    return bars([(month, found.get(month.strftime("%Y-%m"), 0)) for month in months[:-1]], soon=2)


def _spending(request: PlaceRequest) -> list[tuple[str, list[Bar]]]:
    """What was paid in each of the last months, by currency."""
    months = months_of(request.at, BACK, back=True)
    found = orders.paid_by_month(request.place.actor, months[0], months[-1])
    currencies = sorted({currency for currency, _month in found})
    return [
        (
            currency,
            bars([(month, found.get((currency, month.strftime("%Y-%m")), 0)) for month in months[:-1]]),
        )
        for currency in currencies
    ]
