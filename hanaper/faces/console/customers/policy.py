"""The refund policy that binds an order, rule by rule; operators also see drafts, and how two differ."""

from django.http import HttpResponse
from django.shortcuts import render

from hanaper.apps.policies import queries
from hanaper.apps.trials import queries as trials
from hanaper.core.refund.differences import differences
from hanaper.core.refund.policy import SHIPPED_POLICIES, Policy
from hanaper.core.refund.policy_words import policy_rules
from hanaper.faces.console.places import PlaceRequest, shared_page


@shared_page()
def policy(request: PlaceRequest, name: str) -> HttpResponse:
    in_force = queries.policy_in_force(request.at)
    if request.place.account is not None:
        content = _of(queries.policy(name), in_force)
        return render(request, "console/policy.html", content)
    found = queries.policy_or_draft(name)
    drafts = list(queries.drafts())
    than = request.GET.get("than", "") or (in_force if name != in_force else "")
    other = queries.policy_or_draft(than) if than and than != name else None
    content = {
        **_of(found, in_force),
        "draft": next((one for one in drafts if one.name == name), None),
        "text": queries.text_of(name),
        "other": other,
        "others": [one for one in (*queries.names(), *(one.name for one in drafts)) if one != name],
        "differences": differences(other, found) if other else [],
        "trials": trials.trials(policy=name).order_by("-started_at")[:5],
        "own": name not in SHIPPED_POLICIES,
    }
    return render(request, "console/operators/policy.html", content)


def _of(policy: Policy, in_force: str) -> dict[str, object]:
    return {
        "policy": policy,
        "in_force": policy.name == in_force,
        "rules": list(policy_rules(policy)),
        "senses": list(policy.senses.items()),
    }
