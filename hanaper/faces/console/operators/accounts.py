"""Customers: their accounts, and credit to their balance."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.accounts import queries
from hanaper.apps.catalog import queries as catalogue
from hanaper.apps.certificates import queries as certificates
from hanaper.apps.ledger import queries as ledger
from hanaper.apps.ledger.services import credit_balance
from hanaper.apps.orders import queries as orders
from hanaper.apps.private_ca import queries as private_ca
from hanaper.apps.refunds import queries as refunds
from hanaper.core.actor import StaffRole
from hanaper.core.errors import Refusal
from hanaper.faces.console.amounts import amount_of, currency_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.storage.paging import page

SHOWN = 10


@operator_page()
def accounts(request: PlaceRequest) -> HttpResponse:
    text = request.GET.get("search", "").strip()
    listed = page(
        queries.accounts_found(request.place.actor, text), sort="-id", cursor=request.GET.get("cursor")
    )
    content = {"rows": listed.rows, "next_cursor": listed.next_cursor, "text": text}
    return render(request, "console/operators/accounts.html", content)


@operator_page()
def account(request: PlaceRequest, account: str) -> HttpResponse:
    return _shown(request, account)


@operator_page("POST", role=StaffRole.FINANCE)
def credit(request: PlaceRequest, account: str) -> HttpResponse:
    """Put money on the account's balance, for a reason that the audit log keeps."""
    found = queries.account(request.place.actor, account)
    try:
        currency = currency_of(request.POST.get("currency", settings.CURRENCY))
        credit_balance(
            request.place.actor,
            found,
            amount=amount_of(request.POST.get("amount", ""), currency) or 0,
            currency=currency,
            reason=request.POST.get("reason", "").strip(),
            at=request.at,
        )
    except Refusal as refusal:
        return _shown(request, account, refusal)
    return done(request, _("The balance is credited."), "account", account)


def _shown(request: PlaceRequest, account: str, refusal: Refusal | None = None) -> HttpResponse:
    actor, found = request.place.actor, queries.account(request.place.actor, account)
    content = {
        "shown": found,
        "members": queries.members_of(found).order_by("pk")[:100],
        "balances": ledger.balances(found),
        "orders": orders.orders(actor).filter(account=found).order_by("-placed_at", "-pk")[:SHOWN],
        "certificates": certificates.certificates(actor).filter(account=found).order_by("-id")[:SHOWN],
        "refunds": refunds.refunds(actor).filter(account=found).order_by("-requested_at")[:SHOWN],
        "private_cas": private_ca.private_cas(actor).filter(account=found).order_by("-created_at")[:SHOWN],
        "vouchers": catalogue.vouchers(actor).filter(account=found).order_by("-id")[:SHOWN],
        "currency": settings.CURRENCY,
        "given": request.POST,
    }
    return answer(request, "console/operators/account.html", content, refusal)
