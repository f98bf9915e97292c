"""A trial's page while it runs and when it has ended."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from hanaper.apps.policies import services as policies
from hanaper.apps.trials import running, services
from tests.apps.policies.conftest import policy_text
from tests.faces.console.private import text
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import SINGLE, buy

pytestmark = pytest.mark.django_db


def test_a_trial_that_ends_is_shown_whole(
    owner: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    """The moving part alone would leave the table of changes empty and the trial to be cancelled."""
    buy(owner, SINGLE, at=at)
    draft = policies.write_draft(administrator.actor, text=policy_text("strict", days=1), at=at).name
    trial = services.start_trial(administrator.actor, policy=draft, days=3, at=at)
    client = Client()
    client.force_login(administrator.user)
    address = reverse("trial", args=["operator", trial.public_id])
    moving = client.get(address, {"change": "loses"}, headers={"HX-Request": "true"})
    assert "HX-Refresh" not in moving.headers and "Cancel the trial" in text(moving)
    assert f'hx-get="{address}?change=loses"' in text(moving)

    while running.advance(trial.pk, at):
        pass
    ended = client.get(address, headers={"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    whole = client.get(address)  # what a browser then does
    assert "HX-Refresh" not in whole.headers and "hx-get" not in text(whole)
    assert "Cancel the trial" not in text(whole) and "Nothing fits." not in text(whole)


def test_a_policy_says_its_days_and_which_sentence_does_not(
    owner: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    draft = policies.write_draft(administrator.actor, text=policy_text("lenient", days=14), at=at).name
    client = Client()
    client.force_login(administrator.user)
    shown = text(client.get(f"/operator/policies/{draft}/"))
    assert "<dd>14 days</dd>" in shown
    assert (
        "The number is another, the sentence is not, and customers read it: An order may be refunded" in shown
    )
    client.force_login(owner.user)
    assert owner.account is not None
    assert "<dd>7 days</dd>" in text(client.get(f"/a/{owner.account.public_id}/policies/2024-10-25/"))
