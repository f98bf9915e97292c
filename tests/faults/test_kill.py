"""The power fails between any two lines: one provider refund, one ledger effect, one notice, nothing stuck.

For each crash point the process is killed there by SIGKILL, started again, and everything is looked at. On
SQLite the database is a file, on PostgreSQL one made from a template; the card provider is the real process.
"""

import json
import re
import signal
from typing import Any

import pytest

from tests.installations import *  # noqa: F403 - its fixtures
from tests.installations import ROOT, run

# crash point: the card with which the journey passes it
JOURNEYS = {
    "orders.place.before_commit": "success",
    "orders.paid.before_commit": "success",
    "payments.charge.after_intent": "success",
    "payments.charge.before_call": "success",
    "payments.charge.after_call": "success",
    "payments.charge.after_commit": "success",
    "certificates.check.before_look": "success",
    "certificates.check.after_look": "success",
    "certificates.check.after_commit": "success",
    "certificates.issue.after_intent": "success",
    "certificates.issue.after_submit": "success",
    "certificates.issue.after_fetch": "success",
    "certificates.issue.after_commit": "success",
    "authority.issue.after_prepare": "success",
    "authority.issue.before_sign": "success",
    "authority.issue.after_sign": "success",
    "authority.issue.after_keep": "success",
    "authority.issue.after_store": "success",
    "refunds.plan.after_step": "success",
    "certificates.revoke.after_request": "success",
    "certificates.revoke.after_approve": "success",
    "certificates.revoke.before_ca": "success",
    "certificates.revoke.after_ca": "success",
    "certificates.revoke.after_commit": "success",
    "authority.crl.before_publish": "success",
    "authority.crl.after_publish": "success",
    "refunds.plan.before_request": "success",
    "refunds.request.after_lock": "success",
    "payments.return.after_reserve": "success",
    "refunds.request.after_commit": "success",
    "payments.return.before_call": "success",
    "payments.return.after_call": "success",
    "payments.return.after_commit": "success",
    "refunds.finish.before_commit": "success",
    "refunds.finish.after_commit": "success",
    "payments.fallback.before_post": "refund_fails",
    "payments.fallback.after_post": "refund_fails",
    "payments.webhook.before_commit": "success",
    "payments.webhook.after_commit": "success",
    "events.deliver.before_commit": "success",
    "events.letter.before_send": "success",
    "events.letter.after_send": "success",
    "audit.seal.before_commit": "success",
    "audit.seal.after_commit": "success",
}
LOST, PLACED = ({"status": status, "names_the_order": True} for status in (409, 201))
TOLD = {"deliveries": 1, "tried": True, "states": ["failed"], "notices": 1}
# crash point beside the main job: what is walked, and what is true in the end
JUDGED = {"state": "done", "looked_at": 3, "counted": [3], "findings": 3}
ASIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "idempotency.after_reserve": ("request", PLACED),
    "idempotency.before_keep": ("request", LOST),
    "orders.expire.before_commit": ("expire", {"order": "cancelled", "told": 1}),
    "webhooks.send.before_call": ("webhook", TOLD),
    "webhooks.send.after_call": ("webhook", TOLD),
    "webhooks.stamp.before_commit": ("webhook", TOLD),
    "trials.batch.before_commit": ("trial", JUDGED),
    "trials.batch.after_commit": ("trial", JUDGED),
    "certificates.issue.after_revoking_unwanted": (
        "unwanted",
        {
            "issuer_order": "discarded",
            "certificate": "pending_application",
            "valid": 0,
            "revoked": 1,
            "told": 1,
        },
    ),
}


def test_every_crash_point_is_killed_at() -> None:
    found = set()
    for path in (ROOT / "hanaper").rglob("*.py"):
        found |= set(re.findall(r'^\s+crashpoint\("([a-z_.]+)"\)', path.read_text(), re.M))
    assert found == set(JOURNEYS) | set(ASIDES)


def expected(card: str) -> dict[str, Any]:
    fell_back = card == "refund_fails"
    return {
        "order": "refunded",
        "refund": "succeeded",
        "plan": 1,
        "books": [],
        "charged": 1,
        "given_back": [] if fell_back else [1900],
        "captures": 1,
        "resolutions": 1,
        "destinations": ["balance" if fell_back else "original"],
        "open_attempts": 0,
        "open_issuer_orders": 0,
        "signing": 0,
        "valid_certificates": 0,
        "on_a_list": True,
        "notices": [["refund.succeeded", 1]],
        "events": 1,
        "quota": [0],
        "audit": True,
    }


@pytest.mark.process
@pytest.mark.parametrize(("point", "card"), JOURNEYS.items(), ids=list(JOURNEYS))
def test_killed_and_started_again(point: str, card: str, installation: dict[str, str]) -> None:
    killed = run("tests.faults.drive", card, environment={**installation, "HANAPER_CRASH_AT": point})
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = run("tests.faults.drive", card, environment=installation)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == expected(card)


@pytest.mark.process
@pytest.mark.parametrize("point", ASIDES)
def test_killed_beside_the_main_job(point: str, installation: dict[str, str]) -> None:
    walk, truth = ASIDES[point]
    killed = run("tests.faults.asides", walk, environment={**installation, "HANAPER_CRASH_AT": point})
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = run("tests.faults.asides", walk, environment=installation)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == truth
