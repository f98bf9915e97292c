"""Addresses inside are asked only where HANAPER_ACME_NETWORKS names their network, by every challenge."""

from ipaddress import ip_network

import pytest

from hanaper.apps.acme.probing import _probe
from hanaper.apps.probes import Question
from hanaper.core.acme.challenges import ChallengeKind
from hanaper.demo.world import WebServer


@pytest.fixture
def web(settings):
    """A server inside, which has the proof."""
    served = WebServer()
    settings.SANDBOX, settings.ACME_HTTP_PORT, settings.ACME_TLS_PORT = False, served.port, served.port
    served.files["127.0.0.1", "/.well-known/acme-challenge/token"] = "proof"
    yield served
    served.close()


@pytest.mark.parametrize(
    ("networks", "asked"),
    [([], False), (["10.0.0.0/8"], False), (["127.0.0.0/8"], True), (["127.0.0.1"], True)],
)
@pytest.mark.parametrize("kind", [ChallengeKind.HTTP, ChallengeKind.TLS_ALPN])
def test_networks_that_are_named(settings, web, kind, networks, asked):
    settings.ACME_NETWORKS = [ip_network(one) for one in networks]
    answer = _probe(kind).look(Question("127.0.0.1", "proof", "token"))
    if not asked:
        assert (answer.passed, answer.seen["problem"]) == (False, "no_public_address")
        assert web.requests == []
    elif kind == ChallengeKind.HTTP:
        assert answer.passed and web.requests
    else:  # it answers, though not in TLS
        assert answer.seen["problem"] == "bad_tls"
