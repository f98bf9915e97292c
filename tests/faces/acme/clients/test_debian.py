"""Clients that Debian has enrol, renew and revoke against the real service."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.faces.acme.clients.conftest import World, names_in, need, run

pytestmark = [pytest.mark.process]


def test_certbot(world: World, tmp_path: Path) -> None:
    name = world.point("certbot.shop.test")
    folders = ("--config-dir", tmp_path / "c", "--work-dir", tmp_path / "w", "--logs-dir", tmp_path / "l")
    server = ("-n", "--server", world.directory, *folders)
    bind = ("--eab-kid", world.kid, "--eab-hmac-key", world.hmac_key, "--agree-tos")
    look = ("--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", world.http_port)
    run("certbot", "certonly", *server, *bind, *look, "--register-unsafely-without-email", "-d", name)
    live = tmp_path / "c" / "live" / name
    assert names_in(live / "fullchain.pem") == [name]
    world.verify(live / "fullchain.pem")
    run("certbot", "renew", "--force-renewal", "--no-random-sleep-on-renew", *server)
    assert world.states(name) == ["issued", "issued"]
    run("certbot", "revoke", *server, "--cert-path", live / "cert.pem", "--no-delete-after-revoke")
    assert world.states(name) == ["revoked", "issued"]
    run("certbot", "unregister", *server)


@pytest.mark.parametrize("by", ["http", "tls", "dns"])
def test_lego(world: World, tmp_path: Path, by: str) -> None:
    name = world.point(f"lego-{by}.shop.test")
    names = ["--domains", name] if by != "dns" else ["--domains", name, "--domains", f"*.{name}"]
    common = (
        "lego", "--path", tmp_path, "--server", world.directory, "--eab", "--kid", world.kid,
        "--hmac", world.hmac_key, "--email", "a@example.com", "--accept-tos", *names,
    )  # fmt: skip
    with records(world) as address:
        environment = {"HTTPREQ_ENDPOINT": address} if by == "dns" else {}
        look = {
            "http": ("--http", "--http.port", f"127.0.0.1:{world.http_port}"),
            "tls": ("--tls", "--tls.port", f"127.0.0.1:{world.tls_port}"),
            "dns": ("--dns", "httpreq", "--dns.disable-cp", "--dns.resolvers", world.stage.names.address),
        }[by]
        run(*common, *look, "run", **environment)
        kept = tmp_path / "certificates" / f"{name}.crt"
        assert sorted(names_in(kept)) == sorted(names[1::2])
        world.verify(kept)
        run(*common, *look, "renew", "--days", "1000", "--no-random-sleep", **environment)
        # It looks for a file of every domain, and there is one of the first.
        run(*common[: common.index(name) + 1], *look, "revoke", **environment)
    assert world.states(name) == ["revoked", "issued"]


@contextmanager
def records(world: World) -> Iterator[str]:
    """Where lego's `httpreq` asks for records: the address of somebody who writes them into the stage's DNS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said: dict[str, str] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            values = world.stage.names.records.setdefault((said["fqdn"].rstrip("."), "TXT"), [])
            if self.path == "/present":
                values.append(said["value"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_uacme(world: World, tmp_path: Path) -> None:
    """In C, with libcurl and GnuTLS."""
    name = world.point("uacme.shop.test")
    common = ("uacme", "-a", world.directory, "-c", tmp_path / "kept")
    with world.webroot(tmp_path / "served") as challenges:
        issue = (*common, "-h", "/usr/share/uacme/uacme.sh", "issue", name)
        run(*common, "-e", f"{world.kid}:{world.hmac_key}", "-y", "new", "a@example.com")
        run(*issue, UACME_CHALLENGE_PATH=challenges)
        kept = tmp_path / "kept" / name / "cert.pem"
        assert names_in(kept) == [name]
        world.verify(kept)
        run(*common, "-f", *issue[len(common) :], UACME_CHALLENGE_PATH=challenges)
    run(*common, "newkey")
    run(*common, "revoke", kept)
    assert world.states(name) == ["revoked", "issued"]
    run(*common, "deactivate")


def test_dehydrated(world: World, tmp_path: Path) -> None:
    """A shell script with curl and openssl."""
    name = world.point("dehydrated.shop.test")
    with world.webroot(tmp_path / "served") as challenges:
        config = tmp_path / "config"
        config.write_text(
            f'CA="{world.directory}"\nEAB_KID="{world.kid}"\nEAB_HMAC_KEY="{world.hmac_key}"\n'
            f'BASEDIR="{tmp_path}"\nWELLKNOWN="{challenges}"\nACCOUNT_KEYSIZE=2048\n'
        )
        common = ("dehydrated", "--config", config)
        run(*common, "--register", "--accept-terms")
        run(*common, "--cron", "--domain", name)
        kept = tmp_path / "certs" / name
        assert names_in(kept / "cert.pem") == [name]
        world.verify(kept / "fullchain.pem")
        run(*common, "--cron", "--force", "--domain", name)
        run(*common, "--revoke", kept / "cert.pem")
    assert world.states(name) == ["revoked", "issued"]
    run(*common, "--deactivate")


def test_acme_tiny(world: World, tmp_path: Path) -> None:
    """200 lines of Python that can neither bind an account nor revoke: uacme does both with the same key."""
    name = world.point("acme-tiny.shop.test")
    need("acme-tiny")
    uacme = ("uacme", "-a", world.directory, "-c", tmp_path / "kept")
    run(*uacme, "-t", "RSA", "-e", f"{world.kid}:{world.hmac_key}", "-y", "new")
    csr, chain = tmp_path / "domain.csr", tmp_path / "chain.pem"
    run(
        "openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "domain.key",
        "-subj", "/", "-addext", f"subjectAltName=DNS:{name}", "-out", csr,
    )  # fmt: skip
    with world.webroot(tmp_path / "served") as challenges:
        for _ in ("enrol", "renew"):
            said = run(
                "acme-tiny", "--account-key", tmp_path / "kept" / "private" / "key.pem", "--csr", csr,
                "--acme-dir", challenges, "--directory-url", world.directory, "--disable-check", "--quiet",
            )  # fmt: skip
            chain.write_text(said)
            assert names_in(chain) == [name]
            world.verify(chain)
    run(*uacme, "revoke", chain)
    assert world.states(name) == ["revoked", "issued"]
