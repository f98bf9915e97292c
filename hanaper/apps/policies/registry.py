"""Every policy that can bind an order: those that come with the program, and this installation's own."""

from collections.abc import Iterator, Mapping

from hanaper.apps.policies.models import PolicyDocument
from hanaper.core.refund.policy import SHIPPED_POLICIES, Policy, parse_policy


class KnownPolicies(Mapping[str, Policy]):
    """Policies by name. One of our own is read once: a document that was published never changes."""

    def __init__(self) -> None:
        self._own: dict[str, Policy] = {}

    def __getitem__(self, name: str) -> Policy:
        found = SHIPPED_POLICIES.get(name) or self._own.get(name)
        if found is None:
            document = PolicyDocument.objects.filter(name=name).first()
            if document is None:
                raise KeyError(name)
            found = self._own[name] = parse_policy(document.text, name)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from SHIPPED_POLICIES
        yield from PolicyDocument.objects.order_by("frozen_at", "pk").values_list("name", flat=True)

    def __len__(self) -> int:
        return len(SHIPPED_POLICIES) + PolicyDocument.objects.count()

    def forget(self) -> None:
        """Read our own again; for tests, whose tables are emptied."""
        self._own.clear()


POLICIES = KnownPolicies()
