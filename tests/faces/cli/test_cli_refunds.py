"""`hanaper refunds`, `reviews` and `balance`: the whole way to the money, typed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.payments import sweep as payments
from hanaper.apps.refunds import sweep as refunds
from hanaper.faces.cli import refunds as commands
from tests.faces.cli.conftest import Run
from tests.people import Person, make_operator
from tests.shop import buy, catalogue

__all__ = ["catalogue"]

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[..., Any]
DV = "hanaper-dv-single-1y"


@pytest.fixture
def order(owner: Person, catalogue: None) -> str:
    return buy(owner, DV, at=clock.now()).public_id


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, the service works."""

    def work(_seconds: float) -> None:
        now = clock.now()
        refunds.sweep(now, clock.system_now())
        payments.sweep(now, clock.system_now())

    monkeypatch.setattr(commands.time, "sleep", work)


def test_asked_for_and_waited_for(owner: Person, order: str, run_as: As, working: None) -> None:
    decided = run_as(owner, "refunds", "decide", order)
    assert decided["decision"]["verdict"] == "refundable"
    refund = run_as(owner, "refunds", "request", order, "--wait")
    assert (refund["state"], refund["order_label"]) == ("succeeded", "Refund successfully")
    again = run_as(owner, "refunds", "request", order)
    assert (again["code"], again["clause"]) == ("already_refunded", "R6")
    assert [one["id"] for one in run_as(owner, "refunds", "list", "--order", order)["items"]] == [
        refund["id"]
    ]
    assert run_as(owner, "refunds", "show", refund["id"])["returns"][0]["state"] == "returned"


def test_as_people_read_it(owner: Person, order: str, hanaper: Run, run_as: As, working: None) -> None:
    run_as(owner, "whoami")  # as the owner from here on
    status, out, _ = hanaper("refunds", "decide", order)
    assert status == 0 and "refundable" in out and "19.00 USD" in out and "R5" in out
    status, out, _ = hanaper("refunds", "request", order, "--wait")
    assert status == 0 and "Refund successfully" in out
    status, _, err = hanaper("refunds", "request", order)
    assert status == 1 and "was refunded already" in err and "R6" in err
    status, out, _ = hanaper("balance", "show")
    assert status == 0 and "USD" in out
    status, out, _ = hanaper("balance", "statement")
    assert status == 0 and "Refund to the balance" in out and out.count("19.00 USD") >= 2
    assert order in out and "pap_" not in out
    status, out, _ = hanaper("balance", "statement", "--csv")
    assert status == 0 and "refund.to_balance" in out and "," in out.splitlines()[0]


def test_by_a_plan(owner: Person, order: str, hanaper: Run, run_as: As, working: None) -> None:
    certificate = run_as(owner, "certificates", "create", order)["id"]
    refused = run_as(owner, "refunds", "request", order)
    assert (refused["code"], refused["clause"]) == ("refund_needs_steps", "R10")
    plan = run_as(owner, "refunds", "plan", order)
    assert [(step["action"], step["target"]) for step in plan["steps"]] == [("cancel_apply", certificate)]
    status, out, _ = hanaper("refunds", "show-plan", plan["id"])
    assert status == 0 and "its quota is restored." in out  # what each step does, and takes with it
    done = run_as(owner, "refunds", "confirm", plan["id"], "--yes", "--wait")
    assert done["state"] == "done" and done["refund"].startswith("rfd_")
    assert run_as(owner, "refunds", "show", done["refund"], "--wait")["state"] == "succeeded"


def test_a_plan_that_is_cancelled(owner: Person, order: str, run_as: As) -> None:
    run_as(owner, "certificates", "create", order)
    plan = run_as(owner, "refunds", "plan", order)["id"]
    assert run_as(owner, "refunds", "cancel", plan)["state"] == "cancelled"
    assert run_as(owner, "refunds", "show-plan", plan)["state"] == "cancelled"
    assert run_as(owner, "refunds", "resume", plan)["code"]


def test_by_two_operators(
    owner: Person, order: str, finance: Person, administrator: Person, run_as: As, working: None
) -> None:
    proposed = run_as(
        finance, "refunds", "propose", order, "--reason", "Told on the phone", "--amount", "1000"
    )
    waiting = run_as(finance, "refunds", "list", "--needs-person")["items"]
    assert [one["id"] for one in waiting] == [proposed["id"]]
    assert run_as(finance, "refunds", "approve", proposed["id"])["code"] == "second_person_required"
    assert run_as(administrator, "refunds", "approve", proposed["id"])["state"] == "paying"
    commands.time.sleep(1)
    paid = run_as(finance, "refunds", "show", proposed["id"], "--operator")
    assert (paid["state"], paid["amount"]) == ("succeeded", 1000)
    assert run_as(finance, "refunds", "replay", proposed["id"])["same"] is True


def test_declined(owner: Person, order: str, finance: Person, run_as: As) -> None:
    proposed = run_as(finance, "refunds", "propose", order, "--reason", "Told on the phone")["id"]
    second = make_operator("second@hanaper.example", *finance.actor.staff_roles)
    assert run_as(second, "refunds", "decline", proposed, "--reason", "Not so")["state"] == "declined"
    assert run_as(owner, "orders", "show", order)["state"] == "paid"


def test_given_up(owner: Person, order: str, finance: Person, run_as: As, at: datetime) -> None:
    refund = run_as(owner, "refunds", "request", order)["id"]
    assert (
        run_as(finance, "refunds", "give-up", refund, "--reason", "Asked by mistake")["state"] == "given_up"
    )
    assert run_as(owner, "orders", "show", order)["state"] == "paid"
