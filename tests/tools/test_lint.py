"""Each of our own rules is shown to bite, and to let the right way pass."""

import pytest

from tools.lint import rules
from tools.lint.source import Source

BROKEN = [
    (rules.locks, "hanaper/apps/refunds/services.py", "Order.objects.select_for_update().get(pk=1)"),
    (rules.clocks, "hanaper/apps/refunds/services.py", "at = datetime.now(UTC)"),
    (rules.clocks, "hanaper/apps/refunds/services.py", "at = django.utils.timezone.now()"),
    (rules.faces_without_tables, "hanaper/faces/rest/orders.py", "Order.objects.all()"),
    (rules.walls, "hanaper/apps/orders/services.py", "Order.objects.get(public_id=given)"),
    (rules.no_signals, "hanaper/apps/orders/services.py", "from django.db.models.signals import post_save"),
    (rules.no_hidden_imports, "hanaper/apps/orders/services.py", "def f():\n    import json"),
]
KEPT = [
    (rules.locks, "hanaper/apps/orders/locks.py", "Order.objects.select_for_update().get(pk=1)"),
    (rules.clocks, "hanaper/clock.py", "at = datetime.now(UTC)"),
    (rules.clocks, "hanaper/apps/refunds/services.py", "at = clock.now()"),
    (rules.faces_without_tables, "hanaper/apps/orders/queries.py", "Order.objects.all()"),
    (rules.walls, "hanaper/apps/orders/services.py", "Order.objects.get(pk=given)"),
    (rules.walls, "hanaper/apps/orders/services.py", "Order.objects.get_visible(actor, given, what='order')"),
    (rules.no_signals, "hanaper/apps/orders/services.py", "from django.db.models import Q"),
    (rules.no_hidden_imports, "hanaper/apps/orders/services.py", "import json\ndef f():\n    return json"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_broken_rule_is_found(rule: rules.Rule, path: str, text: str) -> None:
    findings = list(rule(Source.parse(path, text)))
    assert len(findings) == 1
    assert findings[0].path == path


@pytest.mark.parametrize(("rule", "path", "text"), KEPT)
def test_a_kept_rule_is_silent(rule: rules.Rule, path: str, text: str) -> None:
    assert list(rule(Source.parse(path, text))) == []


def test_every_rule_is_shown_to_bite() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(rules.RULES)
