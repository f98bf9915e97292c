"""/metrics: figures of the whole service, for whoever shows the token, or sits on the machine."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from hanaper import clock
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.gateway.models import GatewayNode
from hanaper.apps.recovery.services import beat


@pytest.fixture
def well(db, published) -> None:
    ensure_builtin_ca(clock.now())
    beat("sweep", clock.system_now())
    beat("sweep failure", clock.system_now() - timedelta(seconds=30))


def figures(**headers) -> dict[tuple[str, str], float]:
    response = Client(**headers).get("/metrics")
    assert response.status_code == 200 and response["Cache-Control"] == "no-store"
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_what_is_told(well):
    now = clock.system_now()
    node = GatewayNode.objects.create(
        name="edge",
        token_hash="x",
        joined_at=now,
        applied=5,
        seen_at=now - timedelta(seconds=60),
        unwell=[{}],
    )
    GatewayNode.objects.create(name="old", token_hash="y", joined_at=now, retired_at=now)
    found = figures()
    assert found["hanaper_healthy", ""] == 1
    assert 0 <= found["hanaper_age_seconds", "sweep"] < 60
    assert 30 <= found["hanaper_age_seconds", "sweep failure"] < 90
    assert found["hanaper_gateway_visits_total", ""] == 0
    assert found["hanaper_gateway_node_behind", node.public_id] == 0
    assert 60 <= found["hanaper_gateway_node_silent_seconds", node.public_id] < 120
    assert found["hanaper_gateway_node_unwell_origins", node.public_id] == 1
    assert sum(name == "hanaper_gateway_node_behind" for name, _ in found) == 1


def test_what_is_not_well_is_told(db, published):
    assert figures()["hanaper_healthy", ""] == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},  # through a proxy on this machine
        {"HTTP_AUTHORIZATION": "Bearer "},
    ],
)
def test_without_a_token_only_this_machine(well, headers):
    found = Client(**headers).get("/metrics").status_code
    assert found == (200 if "HTTP_AUTHORIZATION" in headers else 404)


def test_with_a_token_whoever_shows_it(well, settings):
    settings.METRICS_TOKEN = "s3cret"
    assert figures(REMOTE_ADDR="192.0.2.1", HTTP_AUTHORIZATION="Bearer s3cret")["hanaper_healthy", ""] == 1
    for shown in ("", "Bearer wrong", "Basic s3cret", "Bearer é"):
        assert Client(HTTP_AUTHORIZATION=shown).get("/metrics").status_code == 404


def test_only_read(well):
    assert Client().post("/metrics").status_code == 405
    assert Client().head("/metrics").content == b""
