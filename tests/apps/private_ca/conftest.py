from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.core.x509.names import Subject
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy


def enable(
    person: Person, ca: PrivateCA, at: datetime, parent: PrivateCA | None = None, **choices: Any
) -> PrivateCA:
    name = choices.pop("subject_name", f"Example {ca.kind}")
    given = CaSettings(subject=Subject(common_name=name), **choices)
    return services.enable_ca(person.actor, ca, given, parent=parent, at=at)


def reset(person: Person, ca: PrivateCA, at: datetime) -> PrivateCA:
    token = services.prepare_reset(person.actor, ca).token
    return services.reset_ca(person.actor, ca, confirmation=token, deletes_all_data=True, at=at)


@pytest.fixture
def order(owner: Person, catalogue: None, published: Path, at: datetime) -> Order:
    return buy(owner, "private-root-ca", at=at)


@pytest.fixture
def root(order: Order) -> PrivateCA:
    return PrivateCA.objects.get(order=order, kind="root")


@pytest.fixture
def intermediate(order: Order) -> PrivateCA:
    return PrivateCA.objects.get(order=order, kind="intermediate")


@pytest.fixture
def working(owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime) -> PrivateCA:
    """An intermediate that issues, below an enabled root."""
    enable(owner, root, at)
    return enable(owner, intermediate, at)
