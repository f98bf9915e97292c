"""Ceremonies as tests propose them, and the rule that asks for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.services.deeds import (
    enabling,
)
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import Operation
from hanaper.core.errors import Refusal
from hanaper.core.x509.names import Subject
from tests.apps.private_ca import certificates
from tests.people import Person

LATER = timedelta(minutes=5)


@pytest.fixture
def rule(owner: Person, colleague: Person, at: datetime) -> None:
    services.switch_on(owner.actor, owner.account, at=at)


def propose_enable(
    person: Person, ca: PrivateCA, at: datetime, parent: PrivateCA | None = None, **choices: Any
) -> Ceremony:
    given = CaSettings(subject=Subject(common_name=f"Example {ca.kind}"), **choices)
    return ceremonies.propose(person.actor, ca.account, Operation.ENABLE, ca, enabling(given, parent), at=at)


def propose_reset(person: Person, ca: PrivateCA, at: datetime) -> Ceremony:
    return ceremonies.propose(person.actor, ca.account, Operation.RESET, ca, {}, at=at)


def propose_one_person(person: Person, at: datetime) -> Ceremony:
    return ceremonies.propose(person.actor, person.account, Operation.ONE_PERSON, None, {}, at=at)


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "account", "parent").get(pk=ca.pk)


def refused(code: str, act: Any) -> Refusal:
    """Whatever is refused around a ceremony says what to do."""
    refusal = certificates.refused(code, act)
    assert refusal.next_steps or refusal.field, "what to do is not said"
    return refusal
