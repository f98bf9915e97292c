"""What is wrong with a behaviour, over REST: each fault once, at its field, in our words, and nothing changed."""

from typing import Any

import pytest
from django.test import Client

from hanaper.apps.gateway.models import GatewayInstance
from tests.apps.gateway.conftest import *  # noqa: F403 - its fixtures
from tests.people import Person

pytestmark = pytest.mark.django_db
ORIGIN = {"host": "127.0.0.1"}


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"origins": [{**ORIGIN, "port": True}]}, {"origins.0.port": ("int_type", "Write a whole number.")}),
        ({"origins": [{**ORIGIN, "port": "443"}]}, {"origins.0.port": ("int_type", "Write a whole number.")}),
        ({"force_https": "yes"}, {"force_https": ("bool_type", "Write true or false.")}),
        ({"origins": []}, {"origins": ("too_short", "At least 1 of them.")}),
        ({"colour": 1}, {"colour": ("extra_forbidden", "There is no such rule: leave it out.")}),
        (
            {"allow": ["x"], "least_tls": "1.1"},
            {
                "allow": ("value_error", "'x' is no address and no network such as 192.0.2.0/24."),
                "least_tls": ("literal_error", "Write one of '1.2' or '1.3'."),
            },
        ),
    ],
)
def test_each_fault_once_at_its_field(
    owner: Person, active: GatewayInstance, given: dict[str, Any], faults: dict[str, tuple[str, str]]
) -> None:
    body = {"behaviour": {"origins": [ORIGIN], **given}}
    refused = owner.rest.put(f"/gateways/{active.public_id}/behaviour", body)
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert (error["code"], error["message"]) == ("invalid_input", "The site cannot behave like this.")
    found = {one["field"]: (one["code"], one["message"]) for one in error["faults"]}
    assert found == {f"behaviour.{field}": said for field, said in faults.items()}
    before = active.behaviour
    active.refresh_from_db()
    assert active.behaviour == before


def test_no_behaviour_at_all(owner: Person, active: GatewayInstance) -> None:
    refused = owner.rest.put(f"/gateways/{active.public_id}/behaviour", {"behaviour": []})
    (fault,) = refused.json()["error"]["faults"]
    assert fault["field"] == "behaviour" and fault["message"].startswith("Write a group of rules")


def test_a_stranger_learns_nothing(stranger: Person, active: GatewayInstance) -> None:
    refused = stranger.rest.put(f"/gateways/{active.public_id}/behaviour", {"behaviour": {"origins": 5}})
    assert refused.status_code == 404


def test_what_was_kept_before_a_rule_is_still_shown(owner: Person, active: GatewayInstance) -> None:
    kept = {**active.behaviour, "response_headers": {"add": {}, "remove": ["Server"]}}
    GatewayInstance.objects.update(behaviour=kept)
    shown = owner.rest.get(f"/gateways/{active.public_id}").json()["behaviour"]
    assert shown["response_headers"]["remove"] == ["Server"]
    refused = owner.rest.put(f"/gateways/{active.public_id}/behaviour", {"behaviour": shown})
    assert refused.json()["error"]["field"] == "behaviour.response_headers.remove"


def test_programs_read_of_it_as_a_whole() -> None:
    shapes = Client().get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert shapes["BehaviourIn"]["properties"]["behaviour"]["$ref"].endswith("/Behaviour")
    assert shapes["BehaviourIn"]["required"] == ["behaviour"]
    assert "origins" in shapes["Behaviour"]["properties"]
