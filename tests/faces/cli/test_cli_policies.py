"""`hanaper policies`: a policy written, compared, tried and published from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hanaper import clock
from hanaper.apps.trials import running
from hanaper.apps.trials.models import PolicyTrial
from tests.apps.policies.conftest import nothing_remembered, policy_text
from tests.faces.cli.conftest import SERVER, Run
from tests.people import Person
from tests.shop import *  # noqa: F403 - a catalogue
from tests.shop import buy

__all__ = ["nothing_remembered"]
DV = "hanaper-dv-single-1y"
As = Callable[..., Any]


def run_trial() -> None:
    while running.advance(PolicyTrial.objects.latest("pk").pk, clock.now()):
        pass


def test_the_whole_way_of_a_policy(
    owner: Person, administrator: Person, catalogue: None, run_as: As, tmp_path: Path
) -> None:
    order = buy(owner, DV, at=clock.now())
    file = tmp_path / "strict.toml"
    file.write_text(policy_text("strict", days=0))
    assert run_as(administrator, "policies", "draft", str(file))["name"] == "strict"
    assert run_as(administrator, "policies", "draft", str(file))["code"] == "policy_exists"
    said = run_as(administrator, "policies", "differences", "strict")
    first, *stays = said["differences"]
    assert first == {"clause": "R1", "text": "The refund window has 0 days instead of 7."}
    assert [one["clause"] for one in stays] == ["R1", "R2"] and "seven calendar days" in stays[0]["text"]
    made = run_as(administrator, "policies", "try", "strict", "--days", "3")
    assert (made["state"], made["total"], made["looked_at"]) == ("running", 1, 0)
    assert run_as(administrator, "policies", "try", "strict")["code"] == "trial_running"
    run_trial()
    done = run_as(administrator, "policies", "trial", made["id"], "--wait")
    assert done["state"] == "done"
    assert [(row["change"], row["before"], row["after"]) for row in done["tally"]] == [("loses", 1900, 0)]
    (lost,) = run_as(administrator, "policies", "findings", made["id"], "--change", "loses")["items"]
    assert (lost["order"], lost["because_before"], lost["because_after"]) == (order.public_id, ["R5"], ["R1"])
    assert run_as(administrator, "policies", "findings", made["id"], "--change", "x")["field"] == "change"
    assert [one["id"] for one in run_as(administrator, "policies", "trials")["items"]] == [made["id"]]
    file.write_text(policy_text("strict", days=5))
    changed = run_as(administrator, "policies", "change-draft", "strict", str(file), "--version", "1")
    assert changed["version"] == 2
    assert run_as(administrator, "policies", "text", "strict")["text"] == file.read_text()
    run_as(administrator, "policies", "publish", "strict")
    assert run_as(administrator, "policies", "drafts")["items"] == []
    assert {one["name"]: one["in_force"] for one in run_as(owner, "policies", "list")}["strict"] is True
    assert run_as(owner, "policies", "show", "strict")["window_days"] == 5
    assert run_as(owner, "orders", "quote", DV)["refund_terms"]["policy"] == "strict"


def test_what_people_read(
    owner: Person, administrator: Person, catalogue: None, hanaper: Run, run_as: As, tmp_path: Path
) -> None:
    buy(owner, DV, at=clock.now())
    file = tmp_path / "strict.toml"
    file.write_text(policy_text("strict", days=0))
    run_as(administrator, "policies", "draft", str(file))
    run_as(administrator, "policies", "try", "strict", "--days", "3")
    run_trial()
    trial = PolicyTrial.objects.get()
    known = {"HANAPER_SERVER": SERVER, "HANAPER_KEY": administrator.secret}
    status, out, _ = hanaper("policies", "trial", trial.public_id, **known)
    assert status == 0 and "loses" in out and "19.00" in out
    assert "Reviews asked of operators: 0 instead of 0; overdue at once: 0 instead of 0." in out
    status, _, err = hanaper("policies", "remove-trial", trial.public_id, **known)
    assert status == 0 and trial.public_id in err
    assert run_as(administrator, "policies", "trial", trial.public_id)["code"] == "policy_trial_not_found"
    status, _, err = hanaper("policies", "remove-draft", "strict", **known)
    assert status == 0 and "strict is gone" in err
    assert run_as(administrator, "policies", "text", "strict")["code"] == "policy_not_found"


def test_a_trial_is_cancelled(owner: Person, administrator: Person, catalogue: None, run_as: As) -> None:
    made = run_as(administrator, "policies", "try", "2026-03-18")
    assert run_as(administrator, "policies", "cancel-trial", made["id"])["state"] == "cancelled"
    assert run_as(administrator, "policies", "cancel-trial", made["id"])["code"] == "trial_not_running"
    assert run_as(owner, "policies", "cancel-trial", made["id"])["code"] == "staff_role_required"
