"""Apply for Certificate: taking a quota, the form with every fault at its field, and looking at the names."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import applying, checking, creating
from hanaper.core.certificate.identifiers import DomainKind
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done

ALGORITHMS = ("ec-p256", "ec-p384", "rsa-2048", "rsa-3072", "rsa-4096")
# While the page was open, our own look came first.
LOOKED_AT = ("recheck_too_soon", "nothing_to_check")
MOST = 200  # contacts and companies to choose from
# What each kind of certificate takes (SPEC section 6).
HOW_MANY = {
    DomainKind.SINGLE: gettext_lazy("One name, without a wildcard."),
    DomainKind.MULTI_DOMAIN: gettext_lazy("Up to five names, one a line."),
    DomainKind.WILDCARD: gettext_lazy("One wildcard, such as *.example.com."),
    DomainKind.MULTI_WILDCARD: gettext_lazy("Up to five wildcards, one a line."),
    DomainKind.HYBRID: gettext_lazy("Up to five names, wildcards and others together, one a line."),
}


@customer_page("POST")
def create(request: PlaceRequest) -> HttpResponse:
    """Take one quota of an order; its form comes next."""
    order = queries.order_for(request.place.actor, request.POST.get("order", ""))
    line = creating.line_of(order, request.POST.get("line") or None)
    made = creating.create(request.place.actor, line, at=request.at)
    return done(request, _("One quota of the order is yours to apply with."), "apply", made.public_id)


@customer_page("GET", "POST")
def apply(request: PlaceRequest, certificate: str) -> HttpResponse:
    """What was typed is kept, right or wrong."""
    actor, found = request.place.actor, queries.certificate(request.place.actor, certificate)
    content: dict[str, Any] = {
        "certificate": found,
        "contacts": queries.contacts(actor).order_by("name", "pk")[:MOST],
        "companies": queries.companies(actor).order_by("organization", "pk")[:MOST],
        "needs_company": found.level != "dv",
        "algorithms": ALGORITHMS,
        "how_many": HOW_MANY[DomainKind(found.domain_kind)],
        "form": found.form,
    }
    if request.method != "POST":
        return render(request, "console/apply.html", content)
    form = _form(request.POST)
    try:
        if request.POST.get("save"):
            applying.save_form(actor, found, form=form, at=request.at)
            return done(request, _("Saved."), "certificate", certificate)
        applying.submit(actor, found, form=form, at=request.at)
    except Refusal as refusal:
        return answer(request, "console/apply.html", {**content, "form": form}, refusal)
    return done(request, _("Applied for. Now show that the names are yours."), "certificate", certificate)


def _form(given: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "domains": given.get("domains", "").replace(",", " ").split(),
        "contact": given.get("contact", ""),
        "method": given.get("method", "dns"),
        "csr": given.get("csr", "").strip() or None,
    }
    if form["csr"] is None:
        form["key_algorithm"] = given.get("key_algorithm", "")
    if given.get("company"):
        form["company"] = given["company"]
    return form


@customer_page("POST")
def recheck(request: PlaceRequest, certificate: str) -> HttpResponse:
    found = queries.certificate(request.place.actor, certificate)
    try:
        checking.recheck(request.place.actor, found, at=request.at)
    except Refusal as refusal:
        if refusal.code not in LOOKED_AT:
            raise
        return done(request, _("They were looked at a moment ago."), "certificate", certificate)
    return done(request, _("The names were looked at just now."), "certificate", certificate)
