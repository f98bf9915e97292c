"""Caddy gets its certificate by itself, renews it when the owner of the CA asks, and replaces a revoked one."""

import json
import socket
import ssl
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from tests.faces.acme.clients.conftest import World

pytestmark = [pytest.mark.process]

PROGRAM = Path(sysconfig.get_path("scripts")) / "caddy"
CONFIGURATION = """
{{
    admin off
    http_port {world.http_port}
    https_port {world.tls_port}
    storage file_system {folder}
    skip_install_trust
    {more}
}}
{name} {{
    bind 127.0.0.1
    tls {{
        issuer acme {{
            dir {world.directory}
            eab {world.kid} {world.hmac_key}
        }}
    }}
    respond "Hello"
}}
"""


@contextmanager
def caddy(world: World, name: str, folder: Path, more: str) -> Iterator[None]:
    if not PROGRAM.exists():
        pytest.skip("no caddy: there is no wheel of it for this machine")
    configuration = folder / "Caddyfile"
    configuration.write_text(CONFIGURATION.format(world=world, folder=folder, name=name, more=more))
    with (folder / "caddy.log").open("ab") as log:
        process = subprocess.Popen(
            [PROGRAM, "run", "--config", configuration, "--adapter", "caddyfile"], stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def served(world: World, name: str) -> int:
    """The serial number of the certificate that a client of Caddy accepts; 0: there is none yet."""
    context = ssl.create_default_context(cafile=world.root)
    try:
        with (
            socket.create_connection(("127.0.0.1", world.tls_port), 5) as connection,
            context.wrap_socket(connection, server_hostname=name) as secured,
        ):
            der = secured.getpeercert(binary_form=True)
    except OSError:
        return 0
    return x509.load_der_x509_certificate(der or b"").serial_number


def wait(condition: Callable[[], bool], what: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what.read_text()
        time.sleep(0.1)


def six_hours_pass(folder: Path) -> None:
    """After that Caddy asks again when it should renew."""
    (kept,) = folder.glob("certificates/*/*/*.json")
    said = json.loads(kept.read_text())
    said["issuer_data"]["renewal_info"]["_retryAfter"] = "2020-01-01T00:00:00Z"
    kept.write_text(json.dumps(said))


def test_caddy(world: World, tmp_path: Path) -> None:
    name, log = world.point("caddy.shop.test"), tmp_path / "caddy.log"
    with caddy(world, name, tmp_path, "ocsp_stapling off"):
        wait(lambda: served(world, name) != 0, log)
        first = served(world, name)
    world.customer.post(
        f"/private-cas/{world.cas['intermediate']}/acme/renewals",
        {"certificates": [world.of(name)[0]["id"]], "explanation": "https://shop.test/why"},
    )
    six_hours_pass(tmp_path)
    with caddy(world, name, tmp_path, "ocsp_stapling off"):
        wait(lambda: served(world, name) not in (0, first), log)
        second = served(world, name)
    assert world.states(name) == ["issued", "issued"]
    revoke = f"/private-certificates/{world.of(name)[0]['id']}/revoke"
    world.customer.post(revoke, {"reason": "keyCompromise"})
    # It cannot revoke, but sees by OCSP that somebody did.
    with caddy(world, name, tmp_path, "ocsp_interval 1s"):
        wait(lambda: served(world, name) not in (0, first, second), log)
    assert world.states(name) == ["issued", "revoked", "issued"]
