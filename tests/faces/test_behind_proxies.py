"""Whom a request came from is believed of a trusted proxy alone: it ends in the audit log and in limits."""

import importlib

import pytest
from django.test import override_settings
from django.test.client import RequestFactory

import hanaper.wsgi
from hanaper.apps.audit.models import AuditEntry
from tests.people import Person

# Of its own connection: a request closes what it finds.
pytestmark = pytest.mark.django_db(transaction=True)

PROXY, CLIENT, LIAR = "192.0.2.10", "203.0.113.7", "198.51.100.1"


@pytest.mark.parametrize(
    ("trusted", "peer", "believed"),
    [
        (["192.0.2.0/24"], PROXY, CLIENT),
        (["192.0.2.0/24"], LIAR, LIAR),
        ([], PROXY, PROXY),
        ([], "127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_address_of_a_request(owner: Person, trusted: list[str], peer: str, believed: str) -> None:
    with override_settings(TRUSTED_PROXIES=trusted):
        application = importlib.reload(hanaper.wsgi).application
    environ = RequestFactory().post(
        "/api/v1/access-keys", {"name": "a program"}, content_type="application/json"
    ).environ | {
        "REMOTE_ADDR": peer,
        # The client says that it comes from elsewhere; the proxy adds whom it saw.
        "HTTP_X_FORWARDED_FOR": f"{LIAR}, {CLIENT}",
        "HTTP_AUTHORIZATION": f"Bearer {owner.secret}",
    }
    seen: list[str] = []
    assert b"".join(application(environ, lambda status, headers: seen.append(status)))
    assert seen == ["201 Created"]
    assert AuditEntry.objects.latest("pk").address == believed
