"""Vouchers, coupons and promotional events."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hanaper.apps.catalog import queries, services
from hanaper.core.actor import StaffRole
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.faces.console.amounts import amount_of, currency_of, moment_of, number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page
from hanaper.storage.paging import page


def _list_page(
    name: str,
    role: StaffRole | None,
    rows: Callable[..., Any],
    create: Callable[[PlaceRequest], object],
    said: str | Promise,
) -> Callable[..., HttpResponse]:
    """A list, and the form that adds to it; the services say who may."""

    @operator_page("GET", "POST", role=role)
    def view(request: PlaceRequest) -> HttpResponse:
        refusal = None
        if request.method == "POST":
            try:
                create(request)
                return done(request, str(said), name)
            except Refusal as met:
                refusal = met
        listed = page(rows(request.place.actor), sort="-id", cursor=request.GET.get("cursor"))
        content = {
            "rows": listed.rows,
            "next_cursor": listed.next_cursor,
            "kinds": queries.kinds(),
            "currency": settings.CURRENCY,
            "given": request.POST or request.GET,
            "chosen_kinds": request.POST.getlist("kinds"),
            "at": request.at,
        }
        return answer(request, f"console/operators/{name}.html", content, refusal)

    return view


def _removal(
    name: str, role: StaffRole, find: Callable[..., Any], withdraw: Callable[..., Any], said: str | Promise
) -> Callable[..., HttpResponse]:
    @operator_page("GET", "POST", role=role)
    def view(request: PlaceRequest, offer: str) -> HttpResponse:
        """What ends with it, and then its end."""
        row = find(request.place.actor, offer)
        if request.method != "POST":
            return render(request, "console/operators/withdraw_offer.html", {"kind": name, "offer": row})
        withdraw(request.place.actor, row, at=request.at)
        return done(request, str(said), name)

    return view


def _new_voucher(request: PlaceRequest) -> object:
    given = request.POST
    currency = currency_of(given.get("currency", ""))
    try:
        account = queries.account(request.place.actor, given.get("account", "").strip())
    except NotFound as missing:
        raise InvalidInput("There is no such account.", field="account") from missing
    return services.create_voucher(
        request.place.actor,
        account=account,
        currency=currency,
        amount=amount_of(given.get("amount", ""), currency) or 0,
        expires_at=moment_of(given.get("expires_at", ""), "expires_at"),
        reason=given.get("reason", "").strip(),
        kinds=given.getlist("kinds"),
        at=request.at,
    )


def _new_coupon(request: PlaceRequest) -> object:
    given = request.POST
    currency = currency_of(given.get("currency", ""))
    return services.create_coupon(
        request.place.actor,
        code=given.get("code", "").strip(),
        percent=number_of(given.get("percent", ""), "percent"),
        amount=amount_of(given.get("amount", ""), currency),
        currency=currency if given.get("amount") or given.get("minimum") else "",
        minimum=amount_of(given.get("minimum", ""), currency, "minimum") or 0,
        kinds=given.getlist("kinds"),
        starts_at=moment_of(given.get("starts_at", ""), "starts_at", request.at),
        ends_at=moment_of(given.get("ends_at", ""), "ends_at"),
        uses_allowed=number_of(given.get("uses_allowed", ""), "uses_allowed"),
        uses_per_account=number_of(given.get("uses_per_account", ""), "uses_per_account"),
        at=request.at,
    )


def _new_promotion(request: PlaceRequest) -> object:
    given = request.POST
    return services.create_promotion(
        request.place.actor,
        name=given.get("name", "").strip(),
        percent=number_of(given.get("percent", ""), "percent") or 0,
        starts_at=moment_of(given.get("starts_at", ""), "starts_at", request.at),
        ends_at=moment_of(given.get("ends_at", ""), "ends_at"),
        refundable=given.get("refundable") == "yes",
        refund_days=number_of(given.get("refund_days", ""), "refund_days") or 0,
        kinds=given.getlist("kinds"),
        at=request.at,
    )


vouchers = _list_page("vouchers", None, queries.vouchers, _new_voucher, _("The voucher is made."))
coupons = _list_page(
    "coupons", StaffRole.ADMINISTRATOR, queries.coupons, _new_coupon, _("The coupon is made.")
)
promotions = _list_page(
    "promotions", StaffRole.ADMINISTRATOR, queries.promotions, _new_promotion, _("The promotion is made.")
)

withdraw_voucher = _removal(
    "vouchers", StaffRole.FINANCE, queries.voucher, services.withdraw_voucher, _("The voucher is withdrawn.")
)
withdraw_coupon = _removal(
    "coupons",
    StaffRole.ADMINISTRATOR,
    queries.coupon,
    services.withdraw_coupon,
    _("The coupon is withdrawn."),
)
withdraw_promotion = _removal(
    "promotions",
    StaffRole.ADMINISTRATOR,
    queries.promotion,
    services.withdraw_promotion,
    _("The promotion is withdrawn; orders that were placed in it keep its terms."),
)
