"""`hanaper pca outside`: a request goes out, openssl signs it, the certificate comes in."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.faces.cli.owner_of_cas import *  # noqa: F403 - its fixtures
from tests.faces.cli.owner_of_cas import Run, found
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def apart(run: Run, owner: Person, at: Any) -> str:
    """An intermediate without a root of the account."""
    order = buy(owner, "private-intermediate-ca", at=at)
    return str(PrivateCA.objects.get(order=order).public_id)


def test_out_and_in(run: Run, apart: str, at: Any, tmp_path: Path) -> None:
    status, _, err = run("pca", "outside", "request", apart)
    assert status == 1 and "no_request" in err
    status, out, err = run(
        "pca", "enable", apart, "--outside", "--common-name", "Ours", "--algorithm", "ec-p384",
        "--keystore", "database",
    )  # fmt: skip
    assert status == 0 and "Not enabled, its request is out" in out, err
    csr, chain = tmp_path / "ca.csr", tmp_path / "ca.pem"
    assert run("pca", "outside", "request", apart, "--to", str(csr))[0] == 0
    assert run("pca", "outside", "request", apart)[1] == csr.read_text()
    asked = subprocess.run(
        ["openssl", "req", "-in", str(csr), "-noout", "-verify", "-text"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "Ours" in asked and "384 bit" in asked

    chain.write_text("no certificate")
    status, _, err = run("pca", "outside", "complete", apart, str(chain))
    assert status == 1 and "chain" in err
    status, _, err = run("pca", "outside", "complete", apart, str(tmp_path / "none"))
    assert status == 1 and "cannot be read" in err
    elsewhere = OutsideRoot(tmp_path / "elsewhere", at)
    chain.write_text(elsewhere.sign(csr.read_text()))
    status, out, err = run("pca", "outside", "complete", apart, str(chain))
    assert status == 0 and "Enabled" in out and "request" not in out, err
    assert run("pca", "chain", apart)[1].count("BEGIN CERTIFICATE") == 2

    status, _, err = run("pca", "renew", apart, "--same-key")
    assert status == 1 and "signed_elsewhere" in err
    assert "Enabled, its request is out" in run("pca", "outside", "renew", apart, "--new-key")[1]
    first = run("pca", "outside", "request", apart)[1]
    assert first.startswith("-----BEGIN CERTIFICATE REQUEST-----") and first != csr.read_text()
    assert found(run("--json", "pca", "outside", "withdraw", apart))["request_out"] is False
    assert found(run("--json", "pca", "outside", "renew", apart, "--same-key"))["request_out"] is True


def test_what_is_signed_elsewhere_is_proposed_too(run: Run, apart: str) -> None:
    words = ("pca", "enable", apart, "--outside", "--propose", "--common-name", "Ours")
    made = found(run("--json", *words))
    assert (made["operation"], made["ca"], made["state"]) == ("request", apart, "proposed")
    assert made["parameters"]["settings"]["subject"]["common_name"] == "Ours"
    assert found(run("--json", "pca", "show", apart))["request_out"] is False
    status, _, err = run("pca", "outside", "complete", apart, __file__, "--propose")
    assert status == 1 and "no_request" in err
