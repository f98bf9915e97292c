"""Reading policies: which there are, which holds, which are being written."""

from datetime import datetime

from django.db.models import QuerySet

from hanaper.apps.policies.models import PolicyDocument, PolicyDraft, PublishedPolicy
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.errors import NotFound
from hanaper.core.refund.policy import DEFAULT_POLICY, SHIPPED_POLICIES, Policy, parse_policy, shipped_text


def policy_in_force(at: datetime) -> str:
    """The name of the policy for orders placed at `at`: the default until an operator published another."""
    published = PublishedPolicy.objects.filter(holds_from__lte=at).order_by("-holds_from").first()
    return DEFAULT_POLICY if published is None else published.name  # D17


def names() -> list[str]:
    """Of every policy that can bind an order, the oldest first."""
    return list(POLICIES)


def policies() -> list[Policy]:
    """Every policy that can bind an order, the oldest first."""
    return [POLICIES[name] for name in POLICIES]


def policy(name: str) -> Policy:
    """The policy `name`, which can bind an order; drafts are not among them."""
    found = POLICIES.get(name)
    if found is None:
        raise _missing(name)
    return found


def policy_or_draft(name: str) -> Policy:
    """The policy `name`, or the draft of it; for operators."""
    found = POLICIES.get(name)
    return parse_policy(draft(name).text, name) if found is None else found


def text_of(name: str) -> str:
    """The TOML of a policy or draft, as it is written; for operators."""
    if name in SHIPPED_POLICIES:
        return shipped_text(name)
    document = PolicyDocument.objects.filter(name=name).first()
    return draft(name).text if document is None else document.text


def drafts() -> QuerySet[PolicyDraft]:
    """What is being written, the last changed first."""
    return PolicyDraft.objects.select_related("written_by").order_by("-changed_at")


def draft(name: str) -> PolicyDraft:
    found = drafts().filter(name=name).first()
    if found is None:
        raise _missing(name)
    return found


def published_policies() -> QuerySet[PublishedPolicy]:
    """What operators published, the latest first."""
    return PublishedPolicy.objects.select_related("published_by").order_by("-holds_from")


def _missing(name: str) -> NotFound:
    return NotFound(f"There is no refund policy {name!r}.", code="policy_not_found")
