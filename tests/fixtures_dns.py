"""A real name server and a real web server on loopback, for checks of domain control."""

from collections.abc import Iterator

import pytest

from hanaper.demo.world import WebServer
from hanaper.sandbox_dns.name_server import NameServer


@pytest.fixture
def name_server(settings) -> Iterator[NameServer]:
    """Answers from its `records`; the service's resolver is set to it."""
    server = NameServer()
    settings.RESOLVERS = [server.address]
    yield server
    server.close()


@pytest.fixture
def web_server(settings, name_server) -> Iterator[WebServer]:
    """Serves its `files`; names that resolve to 127.0.0.1 are checked there."""
    server = WebServer()
    settings.HTTP_CHECK_PORT = server.port
    yield server
    server.close()
