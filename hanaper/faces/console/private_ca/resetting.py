"""Reset, in two steps (R17): what it deletes, then the tick and OK."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.resetting import TICK
from hanaper.apps.private_ca.states import Operation, PrivateCaKind
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.faces.console.private_ca.ceremonies import takes_two, together
from hanaper.faces.console.private_ca.tree import came_with_its_root, refund_outlook


@customer_page("GET", "POST")
def reset(request: PlaceRequest, ca: str) -> HttpResponse:
    """One that is impossible (D7) is a page that says what comes first, and leads to the plan doing it."""
    actor, found = request.place.actor, queries.private_ca(request.place.actor, ca)
    content: dict[str, Any] = {
        "ca": found,
        "below": queries.enabled_below(found),
        "outlook": refund_outlook(found, request.at),
        "with_root": came_with_its_root(found),
        "takes_two": found.kind == PrivateCaKind.ROOT and takes_two(found),
        "tab": "private-cas",
    }
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            proposed = _reset(request, found)
        except InvalidInput as refusal:
            refused = refusal
        else:
            said = _("The private CA is reset: all its data is deleted.")
            return proposed or done(request, said, "private-ca", ca)
    if not request.place.may_write:
        return render(request, "console/private_ca/reset.html", content)
    try:
        content["warned"] = services.prepare_reset(actor, found)
    except Refusal as refusal:
        if refusal.code != "intermediates_enabled":
            raise
        return answer(request, "console/private_ca/reset.html", content, refusal)
    if refused is not None:
        return answer(request, "console/private_ca/reset.html", content, refused)
    return render(request, "console/private_ca/reset.html", content)


def _reset(request: PlaceRequest, ca: PrivateCA) -> HttpResponse | None:
    """The answer if it was proposed only; that needs the tick of R17 too."""
    given = request.POST
    ticked = given.get("confirm_deletes_all_data") == "yes"

    def alone() -> None:
        services.reset_ca(
            request.place.actor,
            ca,
            confirmation=given.get("confirmation", ""),
            deletes_all_data=ticked,
            at=request.at,
        )

    def parameters() -> dict[str, Any]:
        if not ticked:
            raise InvalidInput(
                f"Tick: {TICK}", field="confirm_deletes_all_data", code="reset_not_confirmed", clause="R17"
            )
        return {}

    return together(request, ca, Operation.RESET, alone, parameters)
