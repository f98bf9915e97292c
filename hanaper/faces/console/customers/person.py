"""What belongs to a person and to no account: how they are shown things, and how they sign in."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hanaper import clock
from hanaper.apps.accounts import queries
from hanaper.apps.accounts.preferences import set_preferences
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Refusal
from hanaper.faces.console.faults import answer

FIELDS = ("name", "language", "theme", "zone")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Any) -> HttpResponse:
    user = request.user
    given = {field: getattr(user, field) for field in FIELDS}
    refusal = None
    if request.method == "POST":
        given = {field: request.POST.get(field, "").strip() for field in FIELDS}
        actor = Actor(
            ActorKind.CUSTOMER, user.email, user_id=user.pk, address=request.META.get("REMOTE_ADDR")
        )
        try:
            set_preferences(actor, user, **given, at=clock.now())
        except Refusal as met:
            refusal = met
        else:
            with translation.override(given["language"] or translation.get_language_from_request(request)):
                messages.success(request, _("Your preferences are kept."))
            return redirect("preferences")
    content = {"given": given, "zones": sorted(available_timezones())}
    return answer(request, "console/preferences.html", content, refusal)


@never_cache
@login_required
@require_safe
def security(request: Any) -> HttpResponse:
    """How somebody signs in, with ways to each part of it."""
    second_factor = queries.has_second_factor(request.user)
    return render(request, "console/security.html", {"second_factor": second_factor})
