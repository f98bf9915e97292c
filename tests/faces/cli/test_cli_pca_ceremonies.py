"""`hanaper pca ceremonies`: what one proposes, another approves."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import Run
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
As = Callable[..., Any]
RESET = ("pca", "reset")
TICKED = "--confirm-deletes-all-data"


@pytest.fixture
def rule(run_as: As, owner: Person, colleague: Person, root: str) -> None:
    assert run_as(owner, "pca", "ceremonies", "rule")["required"] is False
    assert run_as(owner, "pca", "ceremonies", "rule", "--on")["required"] is True


def propose(run_as: As, person: Person, ca: str, *options: str) -> dict[str, Any]:
    made = run_as(person, "pca", "enable", ca, "--common-name", "Root", "--propose", *options)
    assert made["state"] == "proposed", made
    return dict(made)


def test_a_root_from_its_proposal_to_its_reset(
    run: Run, run_as: As, owner: Person, colleague: Person, rule: None, root: str, tmp_path: Path
) -> None:
    refused = run_as(owner, "pca", "enable", root, "--common-name", "Root")
    assert refused["code"] == "two_persons_needed"
    made = propose(run_as, owner, root, "--path-length", "1", "--permit", "dns:example.com", "--years", "3")
    assert (made["operation"], made["ca"]) == ("enable", root)
    assert run_as(owner, "pca", "show", root)["state"] == "not_enabled"
    alone = run_as(owner, "pca", "ceremonies", "approve", made["id"], "--yes")
    assert alone["code"] == "second_person_required"

    done = run_as(colleague, "pca", "ceremonies", "approve", made["id"], "--yes")
    assert (done["state"], done["decided_by"]) == ("carried_out", colleague.user.email)
    chain = tmp_path / "root.pem"
    assert run("pca", "chain", root, "--to", str(chain))[0] == 0
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(chain), "-noout", "-text"], check=True, capture_output=True, text=True
    ).stdout
    assert "pathlen:1" in shown and "DNS:example.com" in shown

    assert run_as(owner, *RESET, root, TICKED)["code"] == "two_persons_needed"
    again = run_as(owner, *RESET, root, TICKED, "--propose")
    assert (again["operation"], again["state"]) == ("reset", "proposed")
    assert run_as(owner, "pca", "show", root)["state"] == "enabled"
    done = run_as(colleague, "pca", "ceremonies", "approve", again["id"], "--yes")
    assert done["state"] == "carried_out"
    assert run_as(owner, "pca", "show", root)["reset_at"]


def test_renewed_and_cross_signed_by_two(
    run_as: As, owner: Person, colleague: Person, issuing: str, root: str, at: Any
) -> None:
    order = buy(owner, "private-root-ca", at=at)
    other = PrivateCA.objects.get(order=order, kind="root").public_id
    run_as(owner, "pca", "enable", other, "--common-name", "Other root")
    run_as(owner, "pca", "ceremonies", "rule", "--on")
    renew, cross = ("pca", "renew", root, "--new-key"), ("pca", "cross-sign", issuing, "--by", other)
    for words in (renew, cross):
        assert run_as(owner, *words)["code"] == "two_persons_needed"
        made = run_as(owner, *words, "--propose")
        done = run_as(colleague, "pca", "ceremonies", "approve", made["id"], "--yes")
        assert done["state"] == "carried_out", done
    assert len(run_as(owner, "pca", "keys", root)["generations"]) == 2
    kinds = {one["kind"] for one in run_as(owner, "pca", "keys", issuing)["certificates"]}
    assert kinds == {"own", "cross"}


def test_whoever_approves_sees_what(
    run: Run, run_as: As, owner: Person, colleague: Person, rule: None, root: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made = propose(run_as, owner, root)
    monkeypatch.setattr("typer.confirm", lambda text, **options: False)
    status, out, _ = run("pca", "ceremonies", "approve", made["id"], HANAPER_KEY=colleague.secret)
    assert status == 1 and '"common_name": "Root"' in out
    status, out, _ = run("pca", "ceremonies", "list", "--state", "proposed")
    assert status == 0 and made["id"] in out
    status, out, _ = run("pca", "ceremonies", "show", made["id"])
    assert status == 0 and owner.user.email in out and "carried" not in out
    status, out, _ = run("pca", "ceremonies", "transcript", made["id"])
    assert status == 0 and made["id"] in out and "proposed" in out


def test_what_cannot_be_done_any_more_ends_with_1(
    run: Run, run_as: As, owner: Person, colleague: Person, rule: None, root: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made = propose(run_as, owner, root)

    def fail(*_: Any) -> None:
        steps = ["Buy another one.", "Propose it again then."]
        problem = {"code": "ca_expired", "message": "It has ended.", "next_steps": steps}
        Ceremony.objects.update(state="failed", problem=problem)

    monkeypatch.setattr("hanaper.apps.private_ca.services.ceremonies.carry_out", fail)
    words = ("pca", "ceremonies", "approve", made["id"], "--yes")
    status, out, _ = run(*words, HANAPER_KEY=colleague.secret)
    assert status == 1 and "failed" in out and "It has ended. Buy another one. Propose it again then." in out


def test_refused_and_withdrawn(run_as: As, owner: Person, colleague: Person, rule: None, root: str) -> None:
    made = propose(run_as, owner, root)
    refused = run_as(colleague, "pca", "ceremonies", "refuse", made["id"], "--reason", "Not this name.")
    assert refused["state"] == "refused"
    made = propose(run_as, owner, root)
    assert run_as(owner, "pca", "ceremonies", "withdraw", made["id"])["state"] == "withdrawn"
    assert run_as(owner, "pca", "ceremonies", "list", "--state", "proposed")["items"] == []


def test_an_administrator_helps_the_only_owner(
    run_as: As, owner: Person, administrator: Person, reviewer: Person, rule: None
) -> None:
    made = run_as(owner, "pca", "ceremonies", "rule", "--end")
    assert (made["operation"], made["state"]) == ("one_person", "proposed")
    assert "code" in run_as(reviewer, "pca", "ceremonies", "list", "--operator")
    listed = run_as(administrator, "pca", "ceremonies", "list", "--operator")["items"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert run_as(administrator, "pca", "ceremonies", "show", made["id"], "--operator")["id"] == made["id"]
    done = run_as(administrator, "pca", "ceremonies", "approve", made["id"], "--operator", "--yes")
    assert done["state"] == "carried_out"
    assert run_as(owner, "pca", "ceremonies", "rule")["required"] is False
