"""The command itself: problems once and on standard error, quick where no server is needed."""

import json
import os
import stat
import subprocess
import sys

import httpx
import pytest

from hanaper.apps.accounts.models import AccessKey
from hanaper.apps.audit.services import record, seal_pending
from hanaper.faces.cli import client, main
from tests.apps.audit.test_seals import tamper

pytestmark = pytest.mark.django_db
SERVER = "http://127.0.0.1:20999"


@pytest.fixture
def logged_in(hanaper, owner):
    assert hanaper("login", "--server", SERVER, "--key", owner.secret)[0] == 0
    return hanaper


def test_version(hanaper):
    assert hanaper("--version") == (0, "hanaper 0.1.0\n", "")


def test_login_keeps_a_key_that_only_its_owner_reads(hanaper, owner):
    status, out, _ = hanaper("login", "--server", SERVER + "/", "--key", owner.secret)
    assert status == 0 and "owner@example.com" in out and owner.secret not in out
    path = client.credentials_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"server": SERVER, "key": owner.secret}
    assert "owner@example.com" in hanaper("whoami")[1]
    assert hanaper("logout")[0] == 0 and not path.exists()
    status, out, err = hanaper("whoami")
    assert status == 1 and out == "" and "not_logged_in" in err and "hanaper login" in err


def test_a_key_that_the_server_does_not_know_is_not_kept(hanaper, owner):
    status, _, err = hanaper("login", "--server", SERVER, "--key", "key_x.y")
    assert status == 1 and "access_key_unknown" in err and "request: req_" in err
    assert not client.credentials_path().exists()


def test_the_environment_wins(logged_in, stranger):
    assert "stranger@example.net" in logged_in("whoami", HANAPER_KEY=stranger.secret)[1]


def test_a_kept_key_goes_to_its_own_server_only(logged_in):
    status, _, err = logged_in("whoami", HANAPER_SERVER="http://127.0.0.1:20998")
    assert status == 1 and "not_logged_in" in err


def test_a_problem_is_told_once_with_what_to_do(logged_in, owner):
    status, out, err = logged_in("accounts", "remove", owner.user.public_id)
    assert status == 1 and out == ""
    assert err.count("last owner") == 1 and "next: Make another member an owner first." in err
    assert "request: req_" in err and "Traceback" not in err


def test_json_may_stand_anywhere(logged_in, owner):
    for words in (
        ("--json", "accounts", "show"),
        ("accounts", "--json", "show"),
        ("accounts", "show", "--json"),
    ):
        assert json.loads(logged_in(*words)[1])["id"] == owner.account.public_id
    status, out, err = logged_in("accounts", "remove", owner.user.public_id, "--json")
    assert status == 1 and out == "" and json.loads(err)["error"]["code"] == "last_owner"


def test_faults_of_the_input_are_listed(logged_in):
    status, _, err = logged_in("accounts", "rename", "x" * 201)
    assert status == 1 and "name: " in err


def test_nothing_listens_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HANAPER_KEY", "key_a.b")
    monkeypatch.setenv("HANAPER_SERVER", "http://127.0.0.1:9")
    with pytest.raises(SystemExit):
        main.main(["whoami"])
    err = capsys.readouterr().err
    assert "Nothing answers at http://127.0.0.1:9" in err and "hanaper up" in err


@pytest.mark.parametrize("server", ["ftp://x", "nonsense", "http://"])
def test_an_address_that_is_none(hanaper, server):
    status, _, err = hanaper("login", "--server", server, "--key", "key_a.b")
    assert status == 1 and "server" in err


def test_keys_are_made_listed_and_revoked(logged_in):
    made = json.loads(logged_in("keys", "create", "ci", "--json")[1])
    assert made["secret"].startswith(made["id"] + ".")
    table = logged_in("keys", "list")[1]
    assert made["id"] in table and made["secret"] not in table
    assert logged_in("keys", "revoke", made["id"])[0] == 0
    assert AccessKey.objects.get(public_id=made["id"]).revoked_at


def test_what_others_wrote_is_never_markup(logged_in):
    assert logged_in("accounts", "rename", "[red]x[/red]")[0] == 0
    assert "[red]x[/red]" in logged_in("accounts", "show")[1]


def test_a_lost_answer_is_asked_for_again(logged_in, owner, monkeypatch):
    real, calls = httpx.MockTransport.handle_request, []

    def flaky(self, request):
        response = real(self, request)
        calls.append(request.headers["Idempotency-Key"])
        if len(calls) == 1:
            raise httpx.ReadError("cut off")
        return response

    monkeypatch.setattr(httpx.MockTransport, "handle_request", flaky)
    assert "Other" in logged_in("accounts", "rename", "Other")[1]
    assert len(calls) == 2 and calls[0] == calls[1]


def test_the_clock_moves_forward_only(hanaper):
    before = json.loads(hanaper("clock", "show", "--json")[1])
    after = json.loads(hanaper("clock", "advance", "2d12h", "--json")[1])
    assert (before["offset_seconds"], after["offset_seconds"]) == (0, 216_000)
    for wrong in ("-1d", "0d", "1", "1d1d", "1h1d", "1 d", "", "٣d"):
        status, _, err = hanaper("clock", "advance", "--", wrong)
        assert status == 1 and "bad_duration" in err, wrong
    assert json.loads(hanaper("clock", "show", "--json")[1])["offset_seconds"] == 216_000


def test_audit_verify_tells_and_fails(hanaper, owner, at):
    entry = record(owner.actor, "account.renamed", "acc_x", at=at)
    seal_pending()
    status, out, _ = hanaper("audit", "verify", "--json")
    head = json.loads(out)["head"]
    assert status == 0 and hanaper("audit", "verify", "--head", head)[0] == 0
    assert hanaper("audit", "verify", "--head", "9999:" + "0" * 64)[0] == 1
    assert hanaper("audit", "verify", "--head", "nonsense")[0] == 1
    assert "acc_x" in hanaper("audit", "list")[1]
    assert json.loads(hanaper("audit", "export", "--action", "account.renamed")[1])["target"] == "acc_x"
    assert hanaper("audit", "export", "--format", "csv")[1].startswith("position,")
    tamper("UPDATE audit_auditentry SET target = 'acc_y' WHERE id = %s", entry.pk)
    status, out, _ = hanaper("audit", "verify")
    assert status == 1 and entry.public_id in out


def test_where_nothing_was_started_no_folder_is_made(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "hanaper.faces.cli.main", "audit", "verify"],
        cwd=tmp_path,
        env={**os.environ, "HANAPER_DATA": str(tmp_path / "data"), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1 and "no_installation" in result.stderr
    assert not (tmp_path / "data").exists()


def test_a_decision_needs_neither_django_nor_a_client():
    code = (
        "import sys\nfrom hanaper.faces.cli.main import main\n"
        "try: main(['policy', 'list'])\nexcept SystemExit: pass\n"
        "print([m for m in ('django', 'httpx', 'rich', 'cryptography') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
