"""Who is in an account, with which role."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hanaper.apps.accounts import queries, services
from hanaper.core.actor import AccountRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done

MOST = 500


@customer_page("GET", "POST")
def members(request: PlaceRequest) -> HttpResponse:
    """Everybody in the account; owners add people, and change their roles."""
    refusal = None
    if request.method == "POST":
        try:
            email, role = request.POST.get("email", ""), _role(request)
            services.add_member(request.place.actor, request.account, email=email, role=role, at=request.at)
            return done(request, _("%(email)s is a member now.") % {"email": email}, "members")
        except Refusal as met:
            refusal = met
    content = {
        "members": queries.members_of(request.account).order_by("pk")[:MOST],
        "roles": list(AccountRole),
        "given": request.POST or {"role": AccountRole.READ_ONLY},
    }
    return answer(request, "console/members.html", content, refusal)


@customer_page("POST")
def change_role(request: PlaceRequest, person: str) -> HttpResponse:
    services.change_role(
        request.place.actor, request.account, user_public_id=person, role=_role(request), at=request.at
    )
    return done(request, _("The role is changed."), "members")


@customer_page("GET", "POST")
def remove(request: PlaceRequest, person: str) -> HttpResponse:
    """What ends with a membership, and then its end."""
    actor, oneself = request.place.actor, getattr(request.user, "public_id", None) == person
    if request.method != "POST":
        member, keys = services.what_removal_ends(actor, request.account, user_public_id=person)
        content = {"member": member, "keys": keys, "oneself": oneself}
        return render(request, "console/remove_member.html", content)
    services.remove_member(actor, request.account, user_public_id=person, at=request.at)
    if oneself:
        return redirect("landing")
    return done(request, _("They are no longer a member; their keys here are revoked."), "members")


@customer_page("POST")
def rename(request: PlaceRequest) -> HttpResponse:
    name = request.POST.get("name", "")
    services.rename_account(request.place.actor, request.account, name=name, at=request.at)
    return done(request, _("The account has a new name."), "members")


def _role(request: PlaceRequest) -> AccountRole:
    role = request.POST.get("role", "")
    if role not in list(AccountRole):
        raise InvalidInput("Choose one of the list.", field="role")
    return AccountRole(role)
