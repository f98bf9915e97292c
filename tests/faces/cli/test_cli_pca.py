"""`hanaper pca` against the service in this process."""

import errno
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hanaper.faces.cli.pca_shown import tree
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import PASSPHRASE, Run, found

pytestmark = pytest.mark.django_db
TICK = "Confirm that the reset operation deletes all data."


def test_a_tree_from_a_purchase_to_a_reset(
    run: Run, root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Not enabled" in run("pca", "show", root)[1]
    status, _, err = run("pca", "enable", root)
    assert status == 1 and "subject.common_name" in err

    status, out, err = run(
        "pca", "enable", root, "--common-name", "Example Root", "--organization", "Example"
    )
    assert status == 0 and "Enabled" in out and "ec-p384" in out, err
    below = found(run("--json", "pca", "list"))["items"]
    below = next(ca["id"] for ca in below if ca["parent"] == root)
    settings = tmp_path / "ca.toml"
    settings.write_text(
        'name = "Servers"\nyears = 4\nshards = 2\n'
        '[subject]\ncommon_name = "From the file"\n'
        '[name_constraints.permitted]\ndns = ["example.com"]\n'
    )
    given = ("--file", str(settings), "--common-name", "Servers CA", "--years", "3")
    enabled = found(run("--json", "pca", "enable", below, *given))
    assert (enabled["name"], enabled["ca"]["algorithm"]) == ("Servers", "ec-p256")
    assert enabled["ca"]["not_after"][:4] == str(int(enabled["ca"]["not_before"][:4]) + 3)

    listed = [line.strip() for line in run("pca", "list")[1].splitlines()]
    (above,) = (number for number, line in enumerate(listed) if line.startswith(root))
    assert listed[above + 1].startswith(f"└─ {below}") and "0 of " in listed[above + 1]

    chain = tmp_path / "chain.pem"
    assert run("pca", "chain", below, "--to", str(chain))[0] == 0
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(chain), "-noout", "-subject", "-ext", "nameConstraints"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "CN = Servers CA" in shown.replace("CN=", "CN = ") and "DNS:example.com" in shown

    assert "issues nothing" in run("pca", "stop", below)[1]
    status, _, err = run("pca", "certificates", "issue", below, "--dns", "db.example.com")
    assert status == 1 and "not_issuing" in err
    assert "issues nothing" not in run("pca", "resume", below)[1]

    status, _, err = run("pca", "reset", root, "--confirm-deletes-all-data")
    assert status == 1 and "D7" in err and below in err
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda text, **options: asked.append(text))
    assert run("pca", "reset", below)[0] == 1 and asked == [TICK]
    assert found(run("--json", "pca", "show", below))["state"] == "enabled"
    monkeypatch.setattr("typer.confirm", lambda text, **options: True)
    status, out, err = run("pca", "reset", below)
    assert status == 0 and "Not enabled" in out and "deletes the key" in err
    assert found(run("--json", "pca", "reset", root, "--confirm-deletes-all-data"))["reset_at"]


def test_a_certificate_from_issue_to_revoked(run: Run, issuing: str, passphrase: str, tmp_path: Path) -> None:
    chain, key = tmp_path / "web.pem", tmp_path / "web.key"
    words = ("pca", "certificates", "issue", issuing, "--dns", "db.example.com", "--ip", "10.0.0.7")
    files = ("--to", str(chain), "--key-to", str(key), "--passphrase-file", passphrase)
    made = found(run("--json", *words, "--days", "30", *files))
    assert made["names"]["dns"] == ["db.example.com"] and made["names"]["ip"] == ["10.0.0.7"]
    assert key.stat().st_mode & 0o777 == 0o600 and "ENCRYPTED" in key.read_text()
    opened = subprocess.run(
        ["openssl", "pkey", "-in", str(key), "-passin", f"pass:{PASSPHRASE}", "-pubout"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    certified = subprocess.run(
        ["openssl", "x509", "-in", str(chain), "-noout", "-pubkey"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert opened == certified
    one = made["id"]

    status, out, _ = run("pca", "certificates", "list", "--search", "db.example", "--state", "issued")
    assert status == 0 and one in out and "10.0.0.7" in out
    assert "Nothing here" in run("pca", "certificates", "list", "--search", "other")[1]
    assert made["serial"] in run("pca", "certificates", "show", one)[1]
    assert made["serial"] in run("pca", "certificates", "export", "--ca", issuing)[1]
    assert run("pca", "certificates", "export", "--search", "other")[1].count("\n") == 1
    status, out, _ = run("pca", "statistics", issuing)
    assert status == 0 and "Issued" in out and "server" in out
    assert run("pca", "certificates", "download", one)[1].count("BEGIN CERTIFICATE") == 2
    for number, form in enumerate(((), ("--format", "pkcs12"))):
        to = tmp_path / f"again-{number}"
        exported = ("--to", str(to), "--passphrase-file", passphrase, *form)
        assert run("pca", "certificates", "key", one, *exported)[0] == 0 and to.stat().st_size > 100
    packed = [
        "openssl",
        "pkcs12",
        "-in",
        str(tmp_path / "again-1"),
        "-passin",
        f"pass:{PASSPHRASE}",
        "-nokeys",
    ]
    assert "BEGIN CERTIFICATE" in subprocess.run(packed, check=True, capture_output=True, text=True).stdout

    renewed = found(run("--json", "pca", "certificates", "renew", one, "--days", "20"))
    assert renewed["renews"] == one
    assert "held" in run("pca", "certificates", "hold", one)[1]
    assert "issued" in run("pca", "certificates", "release", one)[1]
    status, out, err = run("pca", "certificates", "revoke", one, "--reason", "certificateHold")
    assert status == 2 and "keyCompromise" in err and "cannot be undone" not in out + err, "not asked first"
    status, out, _ = run("pca", "certificates", "revoke", one, "--reason", "superseded", "--yes")
    assert status == 0 and "revoked" in out and "superseded" in out
    status, _, err = run("pca", "certificates", "revoke", one, "--yes")
    assert status == 1 and "hanaper:" in err


def test_files_are_looked_at_before_anything_is_issued(
    run: Run, issuing: str, passphrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, key = tmp_path / "db.pem", tmp_path / "db.key"
    issue = ("--json", "pca", "certificates", "issue", issuing, "--dns", "db.example.com")
    files = ("--to", str(chain), "--key-to", str(key), "--passphrase-file", passphrase)
    one = found(run(*issue, *files))["id"]
    pair = chain.read_text(), key.read_text()
    none = str(tmp_path / "none" / "db.pem")
    for words in (
        (*issue, *files),
        ("--json", "pca", "certificates", "renew", one, *files),
        (*issue, "--to", none),
        (*issue, "--key-to", none, "--passphrase-file", passphrase),
        (*issue, "--key-to", str(tmp_path / "new.key"), "--passphrase-file", none),
    ):
        status, out, err = run(*words)
        assert status == 1 and not out and json.loads(err)["error"]["code"] == "invalid_input"
    assert (chain.read_text(), key.read_text()) == pair
    assert [each["id"] for each in found(run("--json", "pca", "certificates", "list"))["items"]] == [one]

    # The disk is full only afterwards: what was issued is said.
    monkeypatch.setattr(Path, "write_text", _full_disk)
    status, out, err = run(*issue, "--to", str(tmp_path / "other.pem"))
    assert status != 0 and json.loads(out)["id"].startswith("pct_")
    assert "No space left" in err


def _full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_from_a_request(run: Run, issuing: str, tmp_path: Path) -> None:
    csr, key = tmp_path / "web.csr", tmp_path / "web.key"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         "/CN=web.example.com", "-addext", "subjectAltName=DNS:web.example.com", "-keyout", str(key), "-out", str(csr)],
        check=True, capture_output=True,
    )  # fmt: skip
    made = found(run("--json", "pca", "certificates", "issue", issuing, "--csr", str(csr)))
    assert made["names"]["dns"] == ["web.example.com"] and made["key_here"] is False
    to = tmp_path / "none.key"
    status, _, err = run(
        "pca", "certificates", "key", made["id"], "--to", str(to), "--passphrase-file", str(csr)
    )
    assert status == 1 and "hanaper:" in err and not to.exists()
    again = ("pca", "certificates", "renew", made["id"])
    status, _, err = run(*again)
    assert status == 1 and "--key-here" in err, (
        "the key that is certified is nobody's who did not ask for one"
    )
    status, _, err = run(*again, "--csr", str(csr), "--key-to", str(to))
    assert status == 1 and "leave --key-to out" in err
    assert found(run("--json", *again, "--csr", str(csr)))["key_here"] is False
    assert found(run("--json", *again, "--key-here"))["key_here"] is True
    assert len(found(run("--json", "pca", "certificates", "list"))["items"]) == 3
    status, _, err = run("pca", "certificates", "issue", issuing, "--csr", str(tmp_path / "none"))
    assert status == 1 and "cannot be read" in err


def test_what_has_a_compromised_key_goes_with_one_confirmation(
    run: Run, issuing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csr = tmp_path / "web.csr"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         "/CN=web.example.com", "-addext", "subjectAltName=DNS:web.example.com",
         "-keyout", str(tmp_path / "web.key"), "-out", str(csr)],
        check=True, capture_output=True,
    )  # fmt: skip
    issue = ("--json", "pca", "certificates", "issue", issuing, "--csr", str(csr))
    one, two, three = (found(run(*issue))["id"] for _ in range(3))
    revoke = ("pca", "certificates", "revoke")
    compromised = ("--reason", "keyCompromise")
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda text, **options: asked.append(text))
    status, _, err = run(*revoke, one, *compromised)
    assert status == 1 and two in err and three in err and "and the 2 above with it" in asked.pop()
    status, _, err = run(*revoke, one, *compromised, "--only-this")
    assert status == 1 and two in err and f"{one} alone" in asked.pop()
    status, _, err = run(*revoke, one, *compromised, "--yes")
    assert status == 0 and f"{two}  issued  web.example.com" in err and not asked
    status, _, err = run(*revoke, two, "--reason", "superseded", "--same-key", "--yes")
    assert status == 1 and "not_compromised" in err
    monkeypatch.setattr("typer.confirm", lambda text, **options: True)
    revoked = found(run("--json", *revoke, two, *compromised))
    assert [(other["id"], other["state"], other["problem"]) for other in revoked["same_key"]] == [
        (three, "revoked", None)
    ]
    status, out, _ = run("pca", "certificates", "list", "--state", "issued")
    assert status == 0 and "Nothing here" in out


def test_only_names_of_a_request_that_has_a_subject(run: Run, issuing: str, tmp_path: Path) -> None:
    csr, to = tmp_path / "db.csr", tmp_path / "db.pem"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         "/O=Whoever/CN=db.example.com", "-addext", "subjectAltName=DNS:db.example.com",
         "-keyout", str(tmp_path / "db.key"), "-out", str(csr)],
        check=True, capture_output=True,
    )  # fmt: skip
    issue = ("pca", "certificates", "issue", issuing, "--csr", str(csr))
    status, _, err = run(*issue)
    assert status == 1 and "subject.organization" in err and "--no-subject" in err
    status, _, err = run(*issue, "--no-subject", "--common-name", "db.example.com")
    assert status == 1 and "subject_given" in err and "common_name" in err
    made = found(run("--json", *issue, "--no-subject", "--to", str(to)))
    assert made["subject"] == {} and made["names"]["dns"] == ["db.example.com"]
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(to), "-noout", "-subject"], check=True, capture_output=True, text=True
    ).stdout
    assert "db.example.com" not in shown


def test_templates_go_to_a_file_and_back(run: Run, issuing: str, tmp_path: Path) -> None:
    assert "code-signing" in run("pca", "templates", "list")[1]
    status, out, _ = run("pca", "templates", "show", "server")
    assert status == 0 and '"serverAuth"' in out
    rules = tmp_path / "team.toml"
    rules.write_text(out.replace('title = "TLS server"', 'title = "Team"'))
    assert 'title = "Team"' in run("pca", "templates", "make", "team", str(rules))[1]
    assert "wildcards" in run("pca", "templates", "explain", "team")[1]
    rules.write_text(rules.read_text().replace("wildcards = true", "wildcards = false"))
    assert "wildcards" not in run("pca", "templates", "change", "team", str(rules))[1]
    words = ("pca", "certificates", "issue", issuing, "--template", "team", "--dns")
    status, _, err = run(*words, "*.example.com")
    assert status == 1 and "names.dns.0" in err
    assert run(*words, "www.example.com")[0] == 0
    rules.write_text("title = ")
    status, _, err = run("pca", "templates", "make", "other", str(rules))
    assert status == 1 and "not_toml" in err
    assert run("pca", "templates", "remove", "team")[0] == 0
    assert run("pca", "templates", "show", "team")[0] == 1


def test_what_clients_ask(run: Run, root: str) -> None:
    assert run("pca", "enable", root, "--common-name", "R", "--ocsp", "--delta")[0] == 0
    status, out, _ = run("pca", "status", root)
    assert status == 0 and ".crl" in out and "/ocsp/" in out and "Lists" in out


def test_constraints_of_a_kind_there_is_not(run: Run, root: str) -> None:
    status, _, err = run("pca", "enable", root, "--common-name", "R", "--permit", "example.com")
    assert status == 1 and "KIND:NAME" in err
    constrained = ("--permit", "dns:example.com", "--exclude", "ip:10.0.0.0/8")
    assert run("pca", "enable", root, "--common-name", "R", *constrained)[0] == 0


def test_the_branches_of_a_tree() -> None:
    def ca(name: str, parent: str | None = None) -> dict[str, Any]:
        return {"id": name, "parent": parent}

    newest_first = [ca("c", "b"), ca("d", "a"), ca("lone", "not shown"), ca("b", "a"), ca("a")]
    assert [branch + one["id"] for branch, one in tree(newest_first)] == [
        "a", "├─ b", "│  └─ c", "└─ d", "lone",
    ]  # fmt: skip
