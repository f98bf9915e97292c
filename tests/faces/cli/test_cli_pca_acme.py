"""`hanaper pca acme` against the service in this process; real clients enrol elsewhere."""

from pathlib import Path

import pytest

from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.acme_client import Client
from tests.faces.acme.conftest import client_of, fresh
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import Run, found

pytestmark = pytest.mark.django_db
__all__ = ["fresh"]  # a fixture


def test_a_client_is_set_up_bound_and_shut_out(run: Run, issuing: str, tmp_path: Path) -> None:
    status, out, _ = run("pca", "acme", "setup", issuing, "--client", "lego")
    assert status == 0 and f"/acme/{issuing}/server/directory" in out
    assert "# lego" in out and "# certbot" not in out

    hmac = tmp_path / "hmac"
    words = ("pca", "acme", "make-key", issuing, "--name", "web", "--domain", "example.com")
    made = found(run("--json", *words, "--to", str(hmac), "--certificates", "5"))
    assert hmac.read_text() == made["hmac_key"] and hmac.stat().st_mode & 0o777 == 0o600
    status, out, _ = run(*words)
    assert status == 0 and "hmac_key" in out and "# certbot" in out
    status, out, _ = run("pca", "acme", "keys", issuing)
    assert status == 0 and made["id"] in out and "0 of 5" in out and made["hmac_key"] not in out

    client: Client = client_of(PrivateCA.objects.get(public_id=issuing))
    assert client.register(made["id"], made["hmac_key"]).status == 201
    assert client.order("www.example.com").status == 201
    (account,) = found(run("--json", "pca", "acme", "clients", issuing, "--key", made["id"]))["items"]
    assert "www.example.com" in run("pca", "acme", "orders", issuing, account["id"])[1]
    assert "revoked" in run("pca", "acme", "shut-out", issuing, account["id"])[1]
    assert client.order("db.example.com").status >= 400
    assert found(run("--json", "pca", "acme", "renew-now", issuing))["asked"] == 1
    assert found(run("--json", "pca", "acme", "revoke-key", issuing, made["id"]))["revoked_at"]
