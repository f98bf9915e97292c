"""What tests of the console's private CAs share: somebody signed in, and an intermediate that issues."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hanaper import clock
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.core.x509.names import Subject
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy


@pytest.fixture
def at() -> datetime:
    """Pages read the clock: what they show is bought now."""
    return clock.now()


@pytest.fixture
def client(owner: Person) -> Client:
    found = Client()
    found.force_login(owner.user)
    return found


@pytest.fixture
def ca(owner: Person, catalogue: None, published: Path, at: datetime) -> PrivateCA:
    """An intermediate that issues names below works.example only."""
    order = buy(owner, "private-root-ca", at=at)
    for made in PrivateCA.objects.filter(order=order).order_by("pk"):
        given = CaSettings(
            subject=Subject(common_name=f"Works {made.kind}"),
            name_constraints={"permitted": {"dns": ["works.example"]}},
        )
        services.enable_ca(owner.actor, made, given, at=at)
    return PrivateCA.objects.get(order=order, kind="intermediate")


def page(owner: Person, name: str, *what: str) -> str:
    assert owner.account is not None
    return reverse(name, args=[owner.account.public_id, *what])


def text(answer: Any) -> str:
    return str(answer.content.decode())
