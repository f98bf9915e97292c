"""`hanaper webhooks`: from adding one to replaying what was sent."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.people import Person

pytestmark = pytest.mark.django_db
As = Callable[..., Any]


def test_the_life_of_a_webhook(owner: Person, colleague: Person, run_as: As) -> None:
    assert "order.paid" in [one["kind"] for one in run_as(owner, "webhooks", "kinds")]
    made = run_as(owner, "webhooks", "add", "https://hook.example.com/", "--kind", "order.paid")
    assert made["secret"].startswith("whsec_") and made["kinds"] == ["order.paid"]
    assert "secret" not in run_as(colleague, "webhooks", "show", made["id"])
    assert run_as(colleague, "webhooks", "disable", made["id"])["code"] == "role_too_small"
    changed = run_as(owner, "webhooks", "change", made["id"], "--all-kinds", "--description", "shop")
    assert (changed["kinds"], changed["description"]) == ([], "shop")
    assert run_as(owner, "webhooks", "rotate-secret", made["id"])["secret"] != made["secret"]
    sent = run_as(owner, "webhooks", "test", made["id"])
    assert (sent["kind"], sent["state"]) == ("webhook.test", "pending")
    assert run_as(owner, "webhooks", "replay", made["id"], sent["id"])["id"] == sent["id"]
    assert run_as(owner, "webhooks", "disable", made["id"])["disabled_because"] == "owner"
    assert run_as(owner, "webhooks", "enable", made["id"])["enabled"]
    given_up = run_as(owner, "webhooks", "deliveries", made["id"], "--state", "given_up")["items"]
    assert [one["id"] for one in given_up] == [sent["id"]]
    run_as(owner, "webhooks", "remove", made["id"])
    assert run_as(owner, "webhooks", "list")["items"] == []
