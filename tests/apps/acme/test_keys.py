"""External keys: none for what nobody could order."""

import os
from datetime import datetime
from typing import Any

import pytest

from hanaper.apps.acme.models import ExternalKey
from hanaper.apps.acme.queries import templates
from hanaper.apps.acme.services import create_key
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.acme.base64url import encode
from hanaper.core.errors import InvalidInput
from tests.apps.private_ca.conftest import enable
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def narrow(owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime) -> PrivateCA:
    """Below a root that permits one domain."""
    enable(owner, root, at, name_constraints={"permitted": {"dns": ["corp.example"]}})
    return enable(owner, intermediate, at)


@pytest.mark.parametrize(
    ("choices", "fault"),
    [
        ({"domains": ["corp.example", "other.test"]}, ("domains.1", "never_permitted")),
        ({"networks": ["10.0.0.0/8"], "template": "client"}, ("networks.0", "never_permitted")),
        ({"template": "email"}, ("template", "not_orderable")),
        ({"template": "code-signing"}, ("template", "not_orderable")),
    ],
)
def test_a_key_that_opens_nothing(
    owner: Person, narrow: PrivateCA, at: datetime, choices: dict[str, Any], fault: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as met:
        create_key(owner.actor, narrow, **choices, at=at)
    assert [(one.field, one.code) for one in met.value.faults] == [fault]
    assert not ExternalKey.objects.exists()


def test_a_key_for_what_the_ca_permits(owner: Person, narrow: PrivateCA, at: datetime) -> None:
    key, _ = create_key(owner.actor, narrow, template="server", domains=["Web.Corp.Example"], at=at)
    assert key.domains == ["web.corp.example"]


def test_only_directories_by_which_something_can_be_ordered_are_told(
    owner: Person, narrow: PrivateCA
) -> None:
    assert templates(owner.actor, narrow) == ["server", "client", "device"]


def test_a_secret_is_never_taken_for_an_option(
    owner: Person, narrow: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`certbot --eab-hmac-key -vQ…` is refused by certbot, as by any other command line."""
    drawn = iter([b"\xfb" * 32, b"\x01" * 32])
    monkeypatch.setattr(
        "hanaper.apps.acme.services.keys.randomness.token_bytes", lambda size: next(drawn, os.urandom(size))
    )
    _, secret = create_key(owner.actor, narrow, domains=["corp.example"], at=at)
    assert secret == encode(b"\x01" * 32)
