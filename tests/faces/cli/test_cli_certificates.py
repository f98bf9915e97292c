"""`hanaper certificates` and `hanaper reviews` against the service in this process."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.sweep import sweep
from hanaper.faces.cli import certificates as commands
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def at(settings: Any) -> Any:
    settings.STATUS_URL = "http://status.example.com"
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def run(hanaper: Any, owner: Person, catalogue: None, at: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As the owner of an account, or as whoever `HANAPER_KEY` names."""
    ensure_builtin_ca(at - timedelta(days=1))
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:20999")
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    return hanaper


def found(answer: tuple[int, str, str]) -> Any:
    status, out, err = answer
    assert status == 0, err
    return json.loads(out)


@pytest.fixture
def working(name_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command waits, the owner sets the records and the service works."""
    reached = [clock.system_now()]

    def work(_seconds: float) -> None:
        for check in DomainCheck.objects.filter(state="pending"):
            name_server.records[(f"_hanaper-challenge.{check.domain}", "TXT")] = [check.token]
        reached[0] += timedelta(hours=2)
        sweep(clock.now(), reached[0])

    monkeypatch.setattr(commands.time, "sleep", work)


def test_from_an_order_to_revoked(
    run: Run, owner: Person, reviewer: Person, working: None, monkeypatch: Any, tmp_path: Any, at: Any
) -> None:
    contact = found(run("--json", "certificates", "contacts", "add", "Ada", "ada@example.com"))["id"]
    order = buy(owner, "hanaper-dv-single-1y", at=at).public_id
    made = found(run("--json", "certificates", "create", order))["id"]

    status, _, err = run("certificates", "apply", made, "-d", "*.example.com")
    assert status == 1 and "domains.0" in err and "contact" in err and "next:" in err

    status, out, err = run(
        "certificates", "apply", made, "-d", "shop.example.com", "--contact", contact, "--wait"
    )
    assert status == 0 and "Issued" in out
    assert "_hanaper-challenge.shop.example.com" in err  # told what to set up

    assert "shop.example.com" in run("certificates", "list", "--search", "shop")[1]
    chain = tmp_path / "chain.pem"
    assert run("certificates", "download", made, "--to", str(chain))[0] == 0
    assert chain.read_text().count("BEGIN CERTIFICATE") == 2
    key = tmp_path / "shop.key"
    assert run("certificates", "key", made, "--to", str(key), "--clear")[0] == 0
    assert key.stat().st_mode & 0o777 == 0o600
    subprocess.run(["openssl", "pkey", "-in", str(key), "-noout"], check=True)
    assert run("certificates", "key", made, "--to", str(key), "--clear")[0] == 1  # it exists
    again = tmp_path / "again.key"
    assert run("certificates", "key", made, "--to", str(again), "--clear")[0] == 1
    assert not again.exists()  # key_given_out leaves no empty file behind

    reissued = found(run("--json", "certificates", "reissue", made, "--wait"))
    assert len(reissued["issuances"]) == 2

    status, out, err = run("certificates", "revoke", made, "--yes")
    assert status == 0 and "cannot be restored" in err and order in err
    assert found(run("--json", "certificates", "show", made))["state"] == "validating_revocation"

    monkeypatch.setenv("HANAPER_KEY", reviewer.secret)
    assert made in run("reviews", "revocations")[1]
    (waiting,) = found(run("--json", "reviews", "revocations"))["items"]
    status, _, err = run("reviews", "refuse", waiting["id"], "--reason", "")
    assert status == 1
    assert run("reviews", "approve", waiting["id"])[0] == 0
    sweep(clock.now(), clock.system_now() + timedelta(days=1))
    monkeypatch.setenv("HANAPER_KEY", owner.secret)
    assert found(run("--json", "certificates", "show", made))["state"] == "revoked"
    monkeypatch.setenv("HANAPER_KEY", reviewer.secret)
    assert made in run("reviews", "search", "shop")[1]


def test_off_the_list_again(run: Run, owner: Person, name_server: Any, at: Any) -> None:
    contact = found(run("--json", "certificates", "contacts", "add", "Ada", "ada@example.com"))["id"]
    order = buy(owner, ("hanaper-dv-single-1y", 3), at=at).public_id
    ids = [found(run("--json", "certificates", "create", order))["id"] for _ in range(3)]
    form = ("-d", "shop.example.com", "--contact", contact)
    assert run("certificates", "apply", ids[0], *form, "--draft")[0] == 0
    status, out, _ = run("certificates", "apply", ids[0])
    assert status == 0 and "_hanaper-challenge.shop.example.com" in out
    assert run("certificates", "recheck", ids[0])[0] == 0
    assert run("certificates", "withdraw", ids[0])[0] == 0
    assert run("certificates", "cancel-apply", ids[0])[0] == 0
    status, _, err = run("certificates", "withdraw", ids[0])
    assert status == 1 and "not_in_this_state" in err
    combined = found(run("--json", "certificates", "combine", *ids[1:], "--yes"))
    assert combined["kind"] == "multi_domain" and combined["sources"] == ids[1:]
    listed = found(run("--json", "certificates", "list"))["items"]
    assert [one["id"] for one in listed] == [combined["id"]]
