"""What `hanaper up` is told of the gateway node that it runs."""

import pytest
from django.conf import LazySettings

from hanaper.processes import making_ready
from tests.gateway_node.conftest import binaries


@pytest.mark.skipif(not binaries(), reason="there is no nginx")
@pytest.mark.parametrize(("http", "https", "listening"), [(0, 443, 80), (8080, 8443, 8080), (8080, 0, None)])
def test_it_listens_for_http_wherever_https_is(
    settings: LazySettings, http: int, https: int, listening: int | None
) -> None:
    settings.GATEWAY_HTTP_PORT, settings.GATEWAY_HTTPS_PORT = http, https
    facts = making_ready.gateway()
    node = facts["gateway_node"]
    assert (node is not None) == (listening is not None)
    if isinstance(node, list):
        assert node[node.index("--http") + 1] == str(listening)
        assert node[node.index("--drain-seconds") + 1] == "600"  # of any customer's change: ADR 13
        assert facts["gateway_listens"] == {"address": "127.0.0.1", "http": listening, "https": https}
