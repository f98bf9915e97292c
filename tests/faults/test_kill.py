"""The power fails between any two lines: one provider refund, one ledger effect, one notice, nothing stuck.

For each crash point the process is killed there by SIGKILL, started again, and everything is looked at. On
SQLite the database is a file, on PostgreSQL one made from a template; the card provider is the real process.
"""

import json
import re
import signal
from typing import Any

import pytest

from tests.forks import ROOT, Forks

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
GATEWAY = {
    "counted": [10, 5, 2],
    "hours": 1,
    "taken": [100],
    "domain": "",
    "reset": True,
    "asked": 1,
}
# One is served, the other was called off: one unit is used, and one is back.
SUPPLIED = {
    "states": ["active", "no_domain"],
    "wishes": ["served"],
    "certificates": ["issued", "removed"],
    "served_is_issued": True,
    "valid": 1,
    "left": 1,
    "begun": 2,
    "told": 2,
}
# crash point beside the main job: what is walked, and what is true in the end
JUDGED = {"state": "done", "looked_at": 3, "counted": [3], "findings": 3}
NAMED = {
    "signed": True,
    "issuances": ["signed"],
    "keys": 4,  # of the built-in CA, of the authority, of its responder
    "said": "REVOKED",
    "on_the_list": 1,
    "on_the_delta": 1,
}
ENROLLED = {
    "order_settled": True,
    "authorization": "valid",
    "certificates_agree": True,
    "valid_has_one": True,
    "quota_is_what_counts": True,
    "unfinished": 0,
}
ASIDES: dict[str, tuple[str, dict[str, Any]]] = {
    "idempotency.after_reserve": ("request", PLACED),
    "idempotency.before_keep": ("request", LOST),
    "gateway.count.before_commit": ("gateway", GATEWAY),
    "gateway.reset.after_begin": ("gateway", GATEWAY),
    "gateway.supply.before_step": ("supply", SUPPLIED),
    "gateway.supply.after_take": ("supply", SUPPLIED),
    "gateway.supply.after_step": ("supply", SUPPLIED),
    "gateway.supply.before_call_off": ("supply", SUPPLIED),
    "gateway.supply.after_call_off": ("supply", SUPPLIED),
    "orders.expire.before_commit": ("expire", {"order": "cancelled", "told": 1}),
    "webhooks.send.before_call": ("webhook", TOLD),
    "webhooks.send.after_call": ("webhook", TOLD),
    "webhooks.stamp.before_commit": ("webhook", TOLD),
    "trials.batch.before_commit": ("trial", JUDGED),
    "trials.batch.after_commit": ("trial", JUDGED),
    "authority.responder.after_intent": ("responder", NAMED),
    "authority.responder.after_store": ("responder", NAMED),
    "acme.check.before_look": ("acme", ENROLLED),
    "acme.check.after_look": ("acme", ENROLLED),
    "acme.check.after_commit": ("acme", ENROLLED),
    "acme.finalize.after_intent": ("acme", ENROLLED),
    "private_ca.issue.after_intent": ("acme", ENROLLED),
    "private_ca.issue.after_sign": ("acme", ENROLLED),
    "acme.finalize.after_issue": ("acme", ENROLLED),
    "acme.finalize.after_commit": ("acme", ENROLLED),
    "private_ca.enable.after_key": ("acme", ENROLLED),
    "private_ca.enable.after_commit": ("acme", ENROLLED),
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

ENABLED = {
    "states": ["enabled", "enabled"],
    "authorities": 2,
    "told": 2,
    "chain": 2,
    "unfinished": 0,
    "recorded": True,
    "given_up_is_listed": True,
}
ISSUED = {
    "batch": ["done", 3, 0],
    "rows": ["issued"] * 3,
    "certificates": 3,
    "signed": 3,
    "unsigned": 0,
    "quota_used": 3,
    "told": 3,
}
RESET = {
    "ca": ["not_enabled", False, True, 1],
    "certificates": 0,
    "ended": 1,
    "buried": 1,
    "keys": 3,  # of the built-in CA, and of the root
    "told": 1,
}
RENEWED = {
    "generations": 2,
    "retired": 1,
    "signed": {"link": 2, "cross": 1},
    "own": 2,
    "begun": 0,
    "recorded": True,
    "ways": 5,  # to three roots, over two certificates of the intermediate and two links
}
OUTSIDE = {"ca": ["not_enabled", False, True, True], "ended": 1, "keys": 2, "told": [1, 1]}
REVOKED = {"on_the_list": True, "issuing": False, "told": 1}
PRIVATE_CAS: dict[str, tuple[str, dict[str, Any]]] = {
    "private_ca.enable.after_key": ("enable", ENABLED),
    "private_ca.enable.after_intent": ("enable", ENABLED),
    "authority.issue.before_sign": ("enable", ENABLED),
    "authority.issue.after_sign": ("enable", ENABLED),
    "authority.issue.after_keep": ("enable", ENABLED),
    "authority.issue.after_store": ("enable", ENABLED),
    "authority.certify.after_sign": ("enable", ENABLED),
    "authority.certify.after_commit": ("enable", ENABLED),
    "private_ca.enable.after_sign": ("enable", ENABLED),
    "private_ca.enable.after_commit": ("enable", ENABLED),
    "private_ca.issue.after_intent": ("batch", ISSUED),
    "private_ca.issue.after_sign": ("batch", ISSUED),
    "private_ca.batch.after_row": ("batch", ISSUED),
    "private_ca.reset.after_commit": ("reset", RESET),
    "authority.end.after_last_list": ("reset", RESET),
    "authority.end.after_burial": ("reset", RESET),
    "authority.end.before_destroy": ("reset", RESET),
    "private_ca.reset.after_end": ("reset", RESET),
    "private_ca.reset.after_deletion": ("reset", RESET),
    "private_ca.renew.after_key": ("renew", RENEWED),
    "private_ca.renew.after_begin": ("renew", RENEWED),
    "private_ca.renew.after_sign": ("renew", RENEWED),
    "private_ca.renew.after_commit": ("renew", RENEWED),
    "private_ca.renew.after_intent": ("renew", RENEWED),
    "private_ca.cross.after_intent": ("renew", RENEWED),
    "private_ca.outside.after_key": ("outside", OUTSIDE),
    "private_ca.outside.after_withdrawal": ("outside", OUTSIDE),
    "private_ca.outside.after_commit": ("outside", OUTSIDE),
    "private_ca.reset.after_pending": ("outside", OUTSIDE),
    "private_ca.revoke.after_commit": ("revoke", REVOKED),
}
# Where two persons are at it (test_kill_roots.py), and where there is a token (tests/contracts/keystores).
ELSEWHERE = {
    "private_ca.ceremony.after_approval",
    "private_ca.ceremony.after_verb",
    "authority.token.after_generate",
}


def test_every_crash_point_is_killed_at() -> None:
    found = set()
    for path in (ROOT / "hanaper").rglob("*.py"):
        found |= set(re.findall(r'^\s+crashpoint\("([a-z_.]+)"\)', path.read_text(), re.M))
    assert found == set(JOURNEYS) | set(ASIDES) | set(PRIVATE_CAS) | ELSEWHERE


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
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize(("point", "card"), JOURNEYS.items(), ids=list(JOURNEYS))
def test_killed_and_started_again(point: str, card: str, forks: Forks) -> None:
    killed = forks.run("tests.faults.drive", card, crash_at=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = forks.run("tests.faults.drive", card)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == expected(card)


@pytest.mark.process
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("point", ASIDES)
def test_killed_beside_the_main_job(point: str, forks: Forks) -> None:
    walk, truth = ASIDES[point]
    killed = forks.run("tests.faults.asides", walk, crash_at=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = forks.run("tests.faults.asides", walk)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == truth


@pytest.mark.process
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("point", PRIVATE_CAS)
def test_private_cas_killed_and_started_again(point: str, forks: Forks) -> None:
    walk, truth = PRIVATE_CAS[point]
    killed = forks.run("tests.faults.private_cas", walk, crash_at=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = forks.run("tests.faults.private_cas", walk)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == truth
