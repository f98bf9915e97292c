"""Clients that choose among chains: the intermediate is signed by a second root too, which they prefer."""

from pathlib import Path

import pytest
from cryptography import x509

from tests.faces.acme.clients.conftest import World, run

pytestmark = [pytest.mark.process]

PREFERRED = "Example other"


@pytest.fixture(scope="module")
def other_root(world: World) -> Path:
    """The file of the second root."""
    post, kept = world.customer.post, world.root.with_name("other-root.pem")
    order = post("/orders", {"lines": [{"product": "private-root-ca"}], "currency": "USD"})
    post(f"/orders/{order['id']}/pay", {"means": [{"means": "balance"}]})
    bought = world.customer.get("/private-cas")["items"]
    other = next(one["id"] for one in bought if (one["order"], one["kind"]) == (order["id"], "root"))
    post(f"/private-cas/{other}/enable", {"subject": {"common_name": PREFERRED}})
    post(f"/private-cas/{world.cas['intermediate']}/cross-signs", {"by": other})
    kept.write_text(world.customer.get(f"/private-cas/{other}/chain")["pem"])
    return kept


def accepted(chain: Path, root: Path) -> None:
    """The chain ends below the preferred root, and is good for who trusts nothing else."""
    last = x509.load_pem_x509_certificates(chain.read_bytes())[-1]
    assert last.issuer.rfc4514_string().startswith(f"CN={PREFERRED},")
    run("openssl", "verify", "-x509_strict", "-CAfile", root, "-untrusted", chain, chain)


def test_certbot(world: World, other_root: Path, tmp_path: Path) -> None:
    name = world.point("certbot-chains.shop.test")
    run(
        "certbot", "certonly", "-n", "--server", world.directory, "--config-dir", tmp_path / "c",
        "--work-dir", tmp_path / "w", "--logs-dir", tmp_path / "l", "--eab-kid", world.kid,
        "--eab-hmac-key", world.hmac_key, "--agree-tos", "--register-unsafely-without-email", "--standalone",
        "--http-01-address", "127.0.0.1", "--http-01-port", world.http_port, "-d", name,
        "--preferred-chain", PREFERRED,
    )  # fmt: skip
    accepted(tmp_path / "c" / "live" / name / "fullchain.pem", other_root)


def test_lego(world: World, other_root: Path, tmp_path: Path) -> None:
    name = world.point("lego-chains.shop.test")
    run(
        "lego", "--path", tmp_path, "--server", world.directory, "--eab", "--kid", world.kid, "--hmac",
        world.hmac_key, "--email", "a@example.com", "--accept-tos", "--domains", name, "--http",
        "--http.port", f"127.0.0.1:{world.http_port}", "run", "--preferred-chain", PREFERRED,
    )  # fmt: skip
    accepted(tmp_path / "certificates" / f"{name}.crt", other_root)


def test_uacme(world: World, other_root: Path, tmp_path: Path) -> None:
    """It takes the first alternate by number."""
    name = world.point("uacme-chains.shop.test")
    common = ("uacme", "-a", world.directory, "-c", tmp_path / "kept")
    run(*common, "-e", f"{world.kid}:{world.hmac_key}", "-y", "new")
    with world.webroot(tmp_path / "served") as challenges:
        issue = ("-l", 1, "-h", "/usr/share/uacme/uacme.sh", "issue", name)
        run(*common, *issue, UACME_CHALLENGE_PATH=challenges)
    accepted(tmp_path / "kept" / name / "cert.pem", other_root)
