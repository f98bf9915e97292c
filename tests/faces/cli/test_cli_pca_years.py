"""`hanaper pca` over the years: renewed, prolonged, cross-signed, revoked."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import Run, found
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_root(run: Run, issuing: str, owner: Person, at: Any) -> str:
    """Another root of the account, enabled."""
    order = buy(owner, "private-root-ca", at=at)
    ca = str(PrivateCA.objects.get(order=order, kind="root").public_id)
    found(run("--json", "pca", "enable", ca, "--common-name", "Other root"))
    return ca


def test_renewed_with_either_key(run: Run, root: str, issuing: str, tmp_path: Path) -> None:
    status, _, err = run("pca", "renew", issuing)
    assert status == 2 and "--new-key" in err  # nobody gets a new key, or keeps one, by default
    before = found(run("--json", "pca", "show", issuing))["ca"]
    same = found(run("--json", "pca", "renew", issuing, "--same-key", "--years", "2"))["ca"]
    assert same["authority"] == before["authority"] and same["not_after"] < before["not_after"]
    new = found(run("--json", "pca", "renew", root, "--new-key", "--algorithm", "ec-p256"))["ca"]
    assert new["algorithm"] == "ec-p256"

    status, out, _ = run("pca", "keys", root)
    assert status == 0 and "Keys" in out and "Certificates" in out
    assert new["authority"] in out and "link" in out
    shown = found(run("--json", "pca", "keys", root))
    assert [one["retired_at"] is None for one in shown["generations"]] == [True, False]


def test_another_root_vouches_until_that_is_revoked(
    run: Run, root: str, issuing: str, other_root: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    status, _, err = run("pca", "cross-sign", issuing, "--by", root)
    assert status == 1 and "own_root" in err
    assert other_root in run("pca", "cross-sign", issuing, "--by", other_root)[1]
    crossed = next(
        one["id"]
        for one in found(run("--json", "pca", "keys", issuing))["certificates"]
        if one["kind"] == "cross"
    )
    assert len(found(run("--json", "pca", "chains", issuing))["chains"]) == 2
    trusted, leaf, over = (tmp_path / name for name in ("root.pem", "leaf.pem", "over.pem"))
    assert run("pca", "chain", other_root, "--to", str(trusted))[0] == 0
    status, _, err = run("pca", "chains", issuing, "--way", "1", "--to", str(over))
    assert status == 0 and "Way 1 of 2" in err
    assert (
        run("pca", "certificates", "issue", issuing, "--dns", "db", "--to", str(leaf), "--days", "9")[0] == 0
    )
    verify = ["openssl", "verify", "-CAfile", str(trusted), "-untrusted", str(over), str(leaf)]
    assert subprocess.run(verify, check=True, capture_output=True, text=True).stdout.endswith("OK\n")
    certificate = found(run("--json", "pca", "certificates", "list"))["items"][0]["id"]
    download = ("pca", "certificates", "download", certificate, "--part", "root", "--way")
    assert run(*download, "1")[1] == trusted.read_text()
    assert run(*download, "0")[1] == run("pca", "chain", root)[1]
    status, out, _ = run("pca", "chains", issuing)
    assert status == 0 and out.startswith("-----BEGIN CERTIFICATE-----")
    status, _, err = run("pca", "chains", issuing, "--way", "2")
    assert status == 1 and "2 ways" in err

    revoke = ("pca", "revoke", issuing, "--certificate", crossed, "--reason", "superseded")
    monkeypatch.setattr("typer.confirm", lambda text, **options: False)
    status, _, err = run(*revoke)
    assert status == 1 and crossed in err
    assert len(found(run("--json", "pca", "chains", issuing))["chains"]) == 2
    assert run(*revoke, "--yes")[0] == 0
    assert len(found(run("--json", "pca", "chains", issuing))["chains"]) == 1
    assert found(run("--json", "pca", "show", issuing))["ca"]["issuing"]


def test_revoked_by_its_owner(run: Run, root: str, issuing: str) -> None:
    status, _, err = run("pca", "revoke", root, "--reason", "cACompromise", "--yes")
    assert status == 1 and "root_revokes_itself" in err
    status, _, err = run("pca", "revoke", issuing, "--reason", "certificateHold", "--yes")
    assert status == 2 and "cACompromise" in err
    status, out, err = run("pca", "revoke", issuing, "--reason", "cACompromise", "--yes")
    assert status == 0 and "Enabled, revoked 20" in out and "trusted no more" in err and "--new-key" in err
    status, out, _ = run("pca", "list")
    assert status == 0 and "Enabled, revoked 20" in out
    assert found(run("--json", "pca", "show", issuing))["revoked_at"]
    (key,) = found(run("--json", "pca", "keys", issuing))["generations"]
    assert key["revoked_at"] and key["reason"] == "cACompromise"


def test_revoked_for_cause(run: Run, issuing: str, administrator: Person, reviewer: Person) -> None:
    revoke = ("pca", "revoke", issuing, "--operator", "--reason", "cACompromise", "--yes")
    assert run(*revoke)[0] == 1
    assert run(*revoke, HANAPER_KEY=reviewer.secret)[0] == 1
    status, out, err = run(*revoke, HANAPER_KEY=administrator.secret)
    assert status == 0 and "Enabled, revoked 20" in out, err


def test_the_term_is_prolonged_in_its_last_month(run: Run, root: str) -> None:
    status, _, err = run("pca", "renew-subscription", root)
    assert status == 1 and "too_early" in err
    PrivateCA.objects.update(term_ends_at=clock.now() + timedelta(days=20))
    made = found(run("--json", "pca", "renew-subscription", root, "--currency", "EUR"))
    assert (made["renews"], made["currency"], made["state"]) == (root, "EUR", "unpaid")
    assert run("orders", "cancel", made["id"])[0] == 0
    status, out, err = run("pca", "renew-subscription", root)
    assert status == 0 and root in out and "hanaper orders pay ord_" in err
