"""The first start: people, once, and their credentials in one file."""

import json
import stat

import pytest

from hanaper.apps.accounts import first_start as module
from hanaper.apps.accounts.first_start import first_start
from hanaper.apps.accounts.models import Account, StaffMembership, User
from hanaper.apps.audit.models import AuditEntry
from tests.people import Rest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


def test_three_operators_and_a_customer_who_can_get_in(folder, at, client):
    made = first_start(at)
    path = folder / "credentials.json"
    assert made.made and made.path == path and stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = json.loads(path.read_text())
    assert set(kept) == {"administrator", "reviewer", "finance", "customer"} and kept == made.credentials
    assert len({who["email"] for who in kept.values()}) == 4
    for name, who in kept.items():
        me = Rest(who["access_key"]).get("/me").json()
        assert me["email"] == who["email"]
        assert (me["role"] == "owner") if name == "customer" else (me["staff_roles"] == [name])
        page = client.post("/accounts/login/", {"login": who["email"], "password": who["password"]})
        assert page.status_code == 302 and page["Location"] == "/"
        client.logout()
    assert made.demo.name == "Example Ltd" and made.demo.public_id == kept["customer"]["account"]
    assert not any(who["password"] in line for who in kept.values() for line in made.lines)
    log = str(list(AuditEntry.objects.values()))
    assert not any(who["access_key"].partition(".")[2] in log for who in kept.values())


def test_once(folder, at):
    first_start(at)
    before = (folder / "credentials.json").read_bytes()
    again = first_start(at)
    assert not again.made and again.demo is not None and "credentials.json" in again.lines[0]
    assert (folder / "credentials.json").read_bytes() == before
    assert User.objects.count() == 4


def test_no_customer_outside_a_sandbox(settings, at):
    settings.SANDBOX = False
    assert set(first_start(at).credentials) == {"administrator", "reviewer", "finance"}
    assert not Account.objects.exists()


def test_a_crash_before_the_commit_leaves_nobody_whose_password_is_unknown(at, monkeypatch):
    def die(*_):
        raise OSError("disk full")

    monkeypatch.setattr(module, "_write", die)
    with pytest.raises(OSError, match="disk full"):
        first_start(at)
    assert not StaffMembership.objects.exists() and not User.objects.exists()
    monkeypatch.undo()
