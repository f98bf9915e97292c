"""The receipt of a paid order: a page to print, and a PDF."""

from importlib import import_module

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.orders import queries
from hanaper.apps.orders.services import receipt_of
from hanaper.faces.console.places import PlaceRequest, shared_page


@shared_page()
def receipt(request: PlaceRequest, order: str) -> HttpResponse:
    found = receipt_of(request.place.actor, queries.order(request.place.actor, order))
    content = {
        "receipt": found,
        "order": found.order,
        "lines": found.order.lines.all(),
        "seller": settings.CA_ORGANIZATION,
    }
    return render(request, "console/receipt.html", content)


@shared_page()
def pdf(request: PlaceRequest, order: str) -> HttpResponse:
    found = receipt_of(request.place.actor, queries.order(request.place.actor, order))
    name = f"receipt-{found.order.public_id}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    written = import_module("hanaper.faces.console.receipt_pdf")  # large, and seldom asked for
    return HttpResponse(written.receipt_pdf(found), content_type="application/pdf", headers=headers)
