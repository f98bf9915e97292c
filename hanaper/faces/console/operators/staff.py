"""Who are the operators, with which roles."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.accounts import queries, services
from hanaper.core.actor import StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def staff(request: PlaceRequest) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            user = queries.user_by_email(request.POST.get("email", ""))
            services.grant_staff_role(request.place.actor, user, _role(request), at=request.at)
            return done(request, _("The role is granted."), "staff")
        except Refusal as met:
            refusal = met
    content = {
        "rows": queries.staff().order_by("user__email", "role")[:500],
        "roles": list(StaffRole),
        "given": request.POST or {"role": StaffRole.REVIEWER},
    }
    return answer(request, "console/operators/staff.html", content, refusal)


@operator_page("GET", "POST", role=StaffRole.ADMINISTRATOR)
def withdraw(request: PlaceRequest, person: str, role: str) -> HttpResponse:
    """What ends with a role, and then its end."""
    actor, user, withdrawn = request.place.actor, queries.user_by_id(person), _known(role)
    if request.method != "POST":
        roles, keys = services.what_withdrawal_ends(actor, user, withdrawn)
        content = {"person": user, "role": withdrawn, "roles": roles, "keys": keys}
        return render(request, "console/operators/withdraw_role.html", content)
    services.withdraw_staff_role(actor, user, withdrawn, at=request.at)
    return done(request, _("The role is withdrawn."), "staff")


def _role(request: PlaceRequest) -> StaffRole:
    return _known(request.POST.get("role", ""))


def _known(role: str) -> StaffRole:
    if role not in list(StaffRole):
        raise InvalidInput("Choose one of the list.", field="role")
    return StaffRole(role)
