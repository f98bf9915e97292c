"""Refund policies: which there are, which holds from when; writing drafts, and publishing one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.policies import queries, services
from hanaper.apps.policies.models import PolicyDraft
from hanaper.apps.trials import queries as trials
from hanaper.core.actor import StaffRole
from hanaper.core.errors import NotFound, Refusal
from hanaper.core.refund.policy import SHIPPED_POLICIES
from hanaper.faces.console.amounts import moment_of, number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page

SHOWN = 20


@operator_page()
def policies(request: PlaceRequest) -> HttpResponse:
    return _list(request)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def publish(request: PlaceRequest, name: str) -> HttpResponse:
    """From a moment on, for orders placed then or later; never for orders placed before (D17)."""
    try:
        services.publish_policy(
            request.place.actor,
            name=name,
            holds_from=moment_of(request.POST.get("holds_from", ""), "holds_from", request.at),
            at=request.at,
        )
    except Refusal as refusal:
        return _list(request, refusal)
    return done(request, _("The policy is published."), "policies")


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def draft(request: PlaceRequest) -> HttpResponse:
    """A new draft, begun with the text of a policy that there is (`?from=`)."""
    base = request.GET.get("from", "") or queries.policy_in_force(request.at)
    if request.method != "POST":
        return _form(request, _begun(base, request), None)
    text = _text(request)
    try:
        made = services.write_draft(request.place.actor, text=text, at=request.at)
    except Refusal as refusal:
        return _form(request, text, None, refusal)
    return done(request, _("The draft is written; it binds nobody yet."), "policy", made.name)


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def change(request: PlaceRequest, name: str) -> HttpResponse:
    found = queries.draft(name)
    if request.method != "POST":
        return _form(request, found.text, found)
    text = _text(request)
    try:
        version = number_of(request.POST.get("version", ""), "version")
        services.change_draft(request.place.actor, name, text=text, version=version, at=request.at)
    except Refusal as refusal:
        return _form(request, text, found, refusal)
    return done(request, _("The draft is changed."), "policy", name)


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def remove(request: PlaceRequest, name: str) -> HttpResponse:
    """What ends with a draft, and then its end."""
    if request.method != "POST":
        return render(request, "console/operators/remove_policy.html", {"draft": queries.draft(name)})
    services.remove_draft(request.place.actor, name, at=request.at)
    return done(request, _("The draft is thrown away."), "policies")


def _text(request: PlaceRequest) -> str:
    """Browsers send lines that end as on a typewriter."""
    return request.POST.get("text", "").replace("\r\n", "\n")


def _begun(base: str, request: PlaceRequest) -> str:
    """The text of another policy, under the name of the day."""
    try:
        text = queries.text_of(base)
    except NotFound:
        return ""
    return text.replace(f'name = "{base}"', f'name = "{request.at:%Y-%m-%d}"', 1)


def _form(
    request: PlaceRequest, text: str, found: PolicyDraft | None, refusal: Refusal | None = None
) -> HttpResponse:
    content = {"text": text, "draft": found, "overwrites": request.POST.get("version")}
    return answer(request, "console/operators/policy_draft.html", content, refusal)


def _list(request: PlaceRequest, refusal: Refusal | None = None) -> HttpResponse:
    published = list(queries.published_policies()[:SHOWN])
    content: dict[str, Any] = {
        "policies": queries.policies(),
        "shipped": SHIPPED_POLICIES,
        "drafts": queries.drafts()[:SHOWN],
        "published": published,
        "to_come": [one for one in published if one.holds_from > request.at],
        "in_force": queries.policy_in_force(request.at),
        "trials": trials.trials().order_by("-started_at")[:SHOWN],
    }
    return answer(request, "console/operators/policies.html", content, refusal)
