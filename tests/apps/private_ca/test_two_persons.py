"""The two-person rule of an account: who switches it on, and what one person cannot do any more."""

from datetime import datetime

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import StoredKey
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import TwoPersonRule
from tests.apps.private_ca.ceremonies import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_an_owner_switches_it_on_once(owner: Person, colleague: Person, at: datetime) -> None:
    assert services.two_persons(owner.account.pk) is None
    for _ in range(2):
        assert services.switch_on(owner.actor, owner.account, at=at).switched_on_by == owner.user
    assert AuditEntry.objects.filter(action="two_persons.on").count() == 1


def test_only_an_owner_of_the_account(
    owner: Person, colleague: Person, stranger: Person, at: datetime
) -> None:
    for person in (colleague, stranger):
        refused(
            "role_too_small",
            lambda person=person: services.switch_on(person.actor, owner.account, at=at),
        )
    assert not TwoPersonRule.objects.exists()


def test_not_while_nobody_could_be_the_second(owner: Person, reader: Person, at: datetime) -> None:
    refused("second_person_missing", lambda: services.switch_on(owner.actor, owner.account, at=at))
    assert services.two_persons(owner.account.pk) is None


def test_one_person_enables_nothing_any_more(
    owner: Person, colleague: Person, root: PrivateCA, at: datetime
) -> None:
    services.switch_on(owner.actor, owner.account, at=at)
    refusal = refused("two_persons_needed", lambda: enable(owner, root, at))
    way = refusal.next_steps[0]
    assert f"console's page of {root.public_id}" in way and "`hanaper pca enable --propose`" in way
    assert f"POST /api/v1/private-cas/{root.public_id}/ceremonies" in way
    root.refresh_from_db()
    assert root.state == "not_enabled" and not StoredKey.objects.exists()


def test_one_person_signs_no_intermediate_and_resets_no_root(
    owner: Person, colleague: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    services.switch_on(owner.actor, owner.account, at=at)
    refused("two_persons_needed", lambda: enable(owner, intermediate, at))
    root.refresh_from_db()
    refused("two_persons_needed", lambda: reset(owner, root, at))
    refused("two_persons_needed", lambda: services.reset_by_plan(owner.actor, root, at=at))
    root.refresh_from_db()
    assert root.state == "enabled"


def test_an_intermediate_is_reset_by_one(
    owner: Person, colleague: Person, working: PrivateCA, at: datetime
) -> None:
    services.switch_on(owner.actor, owner.account, at=at)
    assert reset(owner, working, at).state == "not_enabled"


def test_others_are_not_bound_by_it(
    owner: Person, colleague: Person, stranger: Person, root: PrivateCA, at: datetime
) -> None:
    TwoPersonRule.objects.create(account=stranger.account, switched_on_by=stranger.user, switched_on_at=at)
    assert enable(owner, root, at).state == "enabled"
