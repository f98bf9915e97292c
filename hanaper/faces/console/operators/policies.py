"""Refund policies: what they say, which holds from when, and publishing one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.orders import queries, services
from hanaper.apps.orders.terms import policy_in_force
from hanaper.core.actor import StaffRole
from hanaper.core.errors import NotFound, Refusal
from hanaper.core.refund import SHIPPED_POLICIES
from hanaper.core.refund.policy_words import policy_rules
from hanaper.faces.console.amounts import moment_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, done, operator_page


@operator_page()
def policies(request: PlaceRequest) -> HttpResponse:
    return _list(request)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def publish(request: PlaceRequest) -> HttpResponse:
    """From a moment on, for orders placed then or later; never for orders placed before (D17)."""
    try:
        services.publish_policy(
            request.place.actor,
            name=request.POST.get("name", ""),
            holds_from=moment_of(request.POST.get("holds_from", ""), "holds_from", request.at),
            at=request.at,
        )
    except Refusal as refusal:
        return _list(request, refusal)
    return done(request, _("The policy is published."), "policies")


@operator_page()
def policy(request: PlaceRequest, name: str) -> HttpResponse:
    """One policy, rule by rule; beside another (`?with=`), where they differ."""
    found, other = SHIPPED_POLICIES.get(name), SHIPPED_POLICIES.get(request.GET.get("with", ""))
    if found is None:
        raise NotFound(f"There is no policy {name!r}.")
    rules = list(policy_rules(found))
    # Every policy has the same rules in the same order; what they say differs.
    theirs = [text for _clause, text in policy_rules(other)] if other else [""] * len(rules)
    content = {
        "policy": found,
        "other": other,
        "others": [one for one in SHIPPED_POLICIES.values() if one is not found],
        "rules": [(clause, text, their) for (clause, text), their in zip(rules, theirs, strict=True)],
    }
    return render(request, "console/operators/policy.html", content)


def _list(request: PlaceRequest, refusal: Refusal | None = None) -> HttpResponse:
    content = {
        "policies": list(SHIPPED_POLICIES.values()),
        "published": queries.published_policies()[:50],
        "in_force": policy_in_force(request.at),
    }
    return answer(request, "console/operators/policies.html", content, refusal)
