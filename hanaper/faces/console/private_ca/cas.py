"""Tabs Private CAs and Order Refund Management; a private CA's page, its files, its switch."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.apps.audit import queries as audit
from hanaper.apps.authority import queries as authority
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.orders import queries as orders
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.generations import generations, revoked_at
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.core.errors import NotFound
from hanaper.faces.console.amounts import number_of
from hanaper.faces.console.chain import links
from hanaper.faces.console.exporting import file_answer
from hanaper.faces.console.order_rows import order_rows
from hanaper.faces.console.places import PlaceRequest, customer_page, done, shared_page
from hanaper.faces.console.private_ca.ceremonies import proposals
from hanaper.faces.console.private_ca.charting import charts_of
from hanaper.faces.console.private_ca.reading import ca_facts, file_name
from hanaper.faces.console.private_ca.tree import refund_outlook, trees
from hanaper.faces.console.private_ca.trusting import TRUST
from hanaper.faces.console.timeline import deeds
from hanaper.storage.paging import page

OF_PRIVATE_CAS = (ProductKind.PRIVATE_ROOT_CA, ProductKind.PRIVATE_INTERMEDIATE_CA)
FILTERS = ("region", "state", "search", "below", "account")
TREES = 20  # on a page
NEWEST = 6
PARTS = (
    ("certificate", gettext_lazy("Certificate (PEM)")),
    ("der", gettext_lazy("Certificate (DER)")),
    ("chain", gettext_lazy("Chain up to the root")),
    ("root", gettext_lazy("Root")),
)


@shared_page()
def private_cas(request: PlaceRequest) -> HttpResponse:
    """Tab Private CAs: each root with the intermediates below it."""
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    asked = {name: value for name, value in wanted.items() if name != "account"}
    found = queries.top_cas(request.place.actor, **asked)
    if wanted["account"] and request.place.account is None:
        found = found.filter(account__public_id=wanted["account"])
    listed = page(found, sort="-created_at", cursor=request.GET.get("cursor"), limit=TREES)
    content = {
        "trees": trees(request.place.actor, listed.rows, wanted, request.at),
        "next_cursor": listed.next_cursor,
        "states": list(PrivateCaState),
        "regions": settings.REGIONS,
        "wanted": wanted,
        "filtered": any(wanted.values()),
        "tab": "private-cas",
    }
    return render(request, "console/private_ca/cas.html", content)


@customer_page()
def private_ca_orders(request: PlaceRequest) -> HttpResponse:
    """Tab Order Refund Management, for the orders of CAs."""
    found = orders.orders(request.place.actor).filter(product_kind__in=OF_PRIVATE_CAS)
    listed = page(found, sort="-placed_at", cursor=request.GET.get("cursor"))
    content = {
        "rows": order_rows(listed.rows, request.at),
        "next_cursor": listed.next_cursor,
        "tab": "private-ca-orders",
    }
    return render(request, "console/private_ca/orders.html", content)


@shared_page()
def private_ca(request: PlaceRequest, ca: str) -> HttpResponse:
    found = queries.private_ca(request.place.actor, ca)
    own = found.authority
    enabled_below = queries.enabled_below(found)
    content = {
        "ca": found,
        "authority": own,
        "facts": ca_facts(found) if own else None,
        "ways": [links(way) for way in services.chains_of_ca(found, request.at)] if own else [],
        "generations": generations(found),
        "revoked_at": revoked_at(found),
        "proposals": proposals(request, found),
        "status": authority.status_of(own, request.at) if own else None,
        "below": queries.below(found)[: NEWEST * 5],
        "enabled_below": enabled_below,
        "below_first": found.pk in queries.waiting_for_those_below([found]),
        "certificates": queries.certificates(request.place.actor, ca=found).order_by("-id")[:NEWEST],
        "charts": charts_of(found, request.at) if own else [],
        "outlook": refund_outlook(found, request.at),
        "timeline": deeds(audit.of_thing(found.public_id), request.place),
        "parts": PARTS,
        "trust": [(one.where, one.text.replace("NAME", file_name(found))) for one in TRUST] if own else [],
        "moving": found.resetting,
        "tab": "private-cas",
    }
    return render(request, "console/private_ca/ca.html", content)


@shared_page()
def ca_file(request: PlaceRequest, ca: str, part: str) -> HttpResponse:
    """Its certificate, the chain above it, or the root; `way`: over which other certificates, if not 0."""
    found = queries.private_ca(request.place.actor, ca)
    name, ways = file_name(found), services.chains_of_ca(found, request.at)
    way = number_of(request.GET.get("way", ""), "way") or 0
    if way >= len(ways):
        raise NotFound("There is no such way.")
    chain = ways[way]
    if part == "der":
        return file_answer(chain[0], f"{name}.cer", "application/pkix-cert")
    if part not in ("certificate", "chain", "root"):
        raise NotFound("There is no such part.")
    wanted = {"certificate": chain[:1], "chain": chain, "root": chain[-1:]}[part]
    return file_answer(services.to_pem(wanted).encode(), f"{name}-{part}.pem", "application/x-pem-file")


@customer_page("POST")
def switch_issuing(request: PlaceRequest, ca: str) -> HttpResponse:
    """Stop issuing, or resume it; what was issued stays good."""
    wanted = request.POST.get("wanted") == "yes"
    services.set_issuing(
        request.place.actor, queries.private_ca(request.place.actor, ca), wanted, at=request.at
    )
    said = _("It issues again.") if wanted else _("It issues nothing from now on; what it issued stays good.")
    return done(request, said, "private-ca", ca)


def issuing_cas(request: PlaceRequest) -> list[PrivateCA]:
    """The intermediates that issue now, the newest first."""
    found = queries.private_cas(request.place.actor, state=PrivateCaState.ENABLED)
    rows = found.filter(kind=PrivateCaKind.INTERMEDIATE, authority__issuing=True, term_ends_at__gt=request.at)
    return list(rows.order_by("-created_at", "-pk")[:100])
