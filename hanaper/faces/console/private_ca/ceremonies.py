"""Ceremonies: what one person proposes of a root and another approves, and the rule that asks for two."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony, CeremonyEntry
from hanaper.apps.private_ca.services import ceremonies as verbs
from hanaper.apps.private_ca.states import OPEN_CEREMONY, CeremonyState, Operation
from hanaper.apps.private_ca.transcripts import text_of
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.faces.console.exporting import file_answer
from hanaper.faces.console.faults import answer
from hanaper.faces.console.labels import label
from hanaper.faces.console.places import Place, PlaceRequest, customer_page, done, go, shared_page
from hanaper.faces.console.private_ca.proposed import proposed
from hanaper.storage.paging import page

TAB = {"tab": "ceremonies"}


@shared_page()
def ceremonies(request: PlaceRequest) -> HttpResponse:
    """Tab Ceremonies; for administrators, those of every account."""
    place = request.place
    _refuse_others(place)
    listed = page(queries.ceremonies(place.actor), sort="-id", cursor=request.GET.get("cursor"))
    content = {
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "rule": services.two_persons(place.account.pk) if place.account else None,
        **TAB,
    }
    return render(request, "console/private_ca/ceremonies.html", content)


@customer_page("POST")
def switch_on(request: PlaceRequest) -> HttpResponse:
    services.switch_on(request.place.actor, request.account, at=request.at)
    return done(request, _("From now on it takes two persons."), "ceremonies")


@customer_page("POST")
def propose_end(request: PlaceRequest) -> HttpResponse:
    """That one person is enough again takes two persons itself."""
    actor = request.place.actor
    made = verbs.propose(actor, request.account, Operation.ONE_PERSON, None, {}, at=request.at)
    return done(request, _("It is proposed; another owner approves it."), "ceremony", made.public_id)


@shared_page()
def ceremony(request: PlaceRequest, ceremony: str) -> HttpResponse:
    return _shown(request, _found(request, ceremony))


@shared_page()
def transcript(request: PlaceRequest, ceremony: str) -> HttpResponse:
    found = _found(request, ceremony)
    return file_answer(text_of(found).encode(), f"{found.public_id}.txt", "text/plain; charset=utf-8")


@shared_page("POST")
def decide(request: PlaceRequest, ceremony: str) -> HttpResponse:
    """Approve, refuse for a reason, or withdraw what one proposed oneself."""
    found = _found(request, ceremony)
    try:
        decided, said = _decided(request, found)
    except Refusal as refusal:
        return _shown(request, _found(request, ceremony), refusal)
    if decided.state == CeremonyState.FAILED:  # its page says why
        return go(request, "ceremony", ceremony)
    return done(request, said, "ceremony", ceremony)


def _decided(request: PlaceRequest, found: Ceremony) -> tuple[Ceremony, str]:
    actor, decision = request.place.actor, request.POST.get("decision", "")
    if decision == "approve":
        return verbs.approve(actor, found, at=request.at), _("Approved; it is carried out.")
    if decision == "refuse":
        reason = request.POST.get("reason", "")
        return verbs.refuse(actor, found, reason=reason, at=request.at), _("Refused.")
    if decision == "withdraw":
        return verbs.withdraw(actor, found, at=request.at), _("Withdrawn.")
    raise InvalidInput("Choose one of the list.", field="decision")


def together(
    request: PlaceRequest,
    ca: PrivateCA,
    operation: Operation,
    alone: Callable[[], object],
    parameters: Callable[[], Mapping[str, Any]],
) -> HttpResponse | None:
    """None once it is done by one person; where that takes two, it is proposed: the answer leads there."""
    try:
        alone()
    except Refusal as refusal:
        if refusal.code != "two_persons_needed":
            raise
    else:
        return None
    made = verbs.propose(request.place.actor, ca.account, operation, ca, parameters(), at=request.at)
    said = _("It takes two persons here: it is proposed, and another one approves it.")
    return done(request, said, "ceremony", made.public_id)


def takes_two(ca: PrivateCA) -> bool:
    """Whether what is done with a root, or signed by one, is proposed first."""
    return services.two_persons(ca.account_id) is not None


def proposals(request: PlaceRequest, ca: PrivateCA) -> list[Ceremony]:
    """What of a CA waits for a second person, for those who may look at it."""
    if not _sees(request.place):
        return []
    return list(queries.ceremonies(request.place.actor, ca=ca).filter(state__in=OPEN_CEREMONY).order_by("pk"))


def _sees(place: Place) -> bool:
    return place.account is not None or place.administers


def _refuse_others(place: Place) -> None:
    if not _sees(place):
        raise NotFound("There is no such page.")


def _found(request: PlaceRequest, public_id: str) -> Ceremony:
    _refuse_others(request.place)
    return queries.ceremony(request.place.actor, public_id)


def _line(entry: CeremonyEntry) -> dict[str, Any]:
    said = entry.said
    return {
        "at": datetime.fromisoformat(said["at"]),
        "what": label(said["what"].replace(" ", "_")),
        "who": said["who"]["name"],
        "hash": entry.hash,
    }


def _shown(request: PlaceRequest, found: Ceremony, refusal: Refusal | None = None) -> HttpResponse:
    place = request.place
    # Administrators help where an account's only owner wants the rule to end, and nowhere else.
    may = place.is_owner or place.administers if found.operation == Operation.ONE_PERSON else place.may_write
    mine = found.proposed_by_id == place.actor.user_id
    content = {
        "ceremony": found,
        "proposed": proposed(place.actor, found),
        "lines": [_line(one) for one in found.entries.order_by("position")],
        "waits": found.state == CeremonyState.PROPOSED and found.expires_at > request.at,
        "mine": mine,
        "decides": may and not mine,
        "moving": found.state == CeremonyState.APPROVED,
        "given": request.POST,
        **TAB,
    }
    return answer(request, "console/private_ca/ceremony.html", content, refusal)
