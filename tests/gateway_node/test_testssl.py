"""testssl.sh, which knows what goes wrong with TLS, finds nothing at the gateway."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hanaper.gateway_node.engines.nginx.rendering import Machine
from tests.gateway_node.conftest import Serve
from tests.gateway_node.sites import Origin, a_site

DOMAIN = "localhost"
LOOKED_AT = {
    "protocols": "-p",
    "cipher categories": "-s",
    "heartbleed": "-H",
    "CCS injection": "-I",
    "ticketbleed": "-T",
    "renegotiation": "-R",
    "compression": "-C",
    "headers": "-h",
}
# What an owner's origin says is the owner's.
OF_ORIGINS = {"security_headers"}
FAULTS = {"LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL"}

pytestmark = pytest.mark.skipif(
    not shutil.which("testssl"), reason="needs testssl (tools/suite.py fetches it)"
)


def found(machine: Machine, folder: Path) -> dict[str, tuple[str, str]]:
    """Severity and finding by what was looked at."""
    out = folder / "found.json"
    command = ["testssl", "--quiet", "--color", "0", "--ip", "127.0.0.1", "--jsonfile", str(out)]
    address = f"https://{DOMAIN}:{machine.listen.https}/"
    subprocess.run([*command, *LOOKED_AT.values(), address], capture_output=True, check=False)
    return {one["id"]: (one["severity"], one["finding"]) for one in json.loads(out.read_text())}


def test_nothing_is_weak(machine: Machine, serve: Serve, origin: Origin, tmp_path: Path) -> None:
    serve(a_site("gwi_a", DOMAIN, origin.server_port, hsts={"seconds": 31_536_000}))
    said = found(machine, tmp_path)
    for each in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
        assert said[each][1] == "not offered"
    assert said["TLS1_2"][0] == said["TLS1_3"][0] == said["HSTS_time"][0] == "OK"
    assert {"heartbleed", "CCS", "ticketbleed", "secure_client_renego", "CRIME_TLS"} <= said.keys()
    wrong = {name: one for name, one in said.items() if one[0] in FAULTS}
    assert wrong.keys() <= OF_ORIGINS, wrong
