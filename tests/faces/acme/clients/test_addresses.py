"""A certificate for an address (RFC 8738), by uacme: the lego of Debian takes every identifier for a name."""

from pathlib import Path

import pytest

from tests.faces.acme.clients.conftest import World, names_in, run

pytestmark = [pytest.mark.process]

ADDRESS = "127.0.0.1"


def test_uacme(world: World, tmp_path: Path) -> None:
    common = ("uacme", "-a", world.directory, "-c", tmp_path / "kept")
    run(*common, "-e", f"{world.kid}:{world.hmac_key}", "-y", "new")
    with world.webroot(tmp_path / "served") as challenges:
        run(*common, "-h", "/usr/share/uacme/uacme.sh", "issue", ADDRESS, UACME_CHALLENGE_PATH=challenges)
    kept = tmp_path / "kept" / ADDRESS / "cert.pem"
    assert names_in(kept) == [ADDRESS]
    world.verify(kept)
