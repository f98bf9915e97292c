"""Who may make and end access keys."""

import pytest

from hanaper.apps.accounts import services
from hanaper.apps.accounts.models import AccessKey
from hanaper.apps.audit.models import AuditEntry
from hanaper.core.actor import StaffRole
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from tests.people import SETUP, make_user

pytestmark = pytest.mark.django_db


def test_an_owner_makes_one_for_a_member(owner, account, colleague, at):
    key, secret = services.create_access_key(
        owner.actor, name="ci", account=account, user=colleague.user, at=at
    )
    assert (key.user, key.account, key.created_at) == (colleague.user, account, at)
    assert secret.startswith(key.public_id + ".") and len(secret.partition(".")[2]) >= 43
    assert secret.partition(".")[2] not in str(AuditEntry.objects.values())


def test_others_make_none(account, colleague, reader, stranger, reviewer, at):
    before = AccessKey.objects.count()
    for person in (colleague, reader, stranger, reviewer):
        with pytest.raises(Forbidden):
            services.create_access_key(person.actor, name="ci", account=account, at=at)
    for person in (colleague, reviewer):
        with pytest.raises(Forbidden):
            services.create_access_key(person.actor, name="ci", account=None, at=at)
    assert AccessKey.objects.count() == before


def test_none_for_an_outsider(owner, account, stranger, at):
    with pytest.raises(InvalidInput) as refused:
        services.create_access_key(owner.actor, name="ci", account=account, user=stranger.user, at=at)
    assert refused.value.code == "not_a_member"


def test_an_administrator_makes_one_for_an_operator(administrator, reviewer, owner, at):
    key, _ = services.create_access_key(
        administrator.actor, name="ci", account=None, user=reviewer.user, at=at
    )
    assert key.account is None
    with pytest.raises(InvalidInput):
        services.create_access_key(administrator.actor, name="ci", account=None, user=owner.user, at=at)


def test_revoked_once_and_for_good(owner, at):
    later = at.replace(hour=12)
    services.revoke_access_key(owner.actor, owner.access_key, at=at)
    assert services.revoke_access_key(owner.actor, owner.access_key, at=later).revoked_at == at
    assert AuditEntry.objects.filter(action="access_key.revoked").count() == 1


def test_everybody_ends_their_own_and_owners_any(owner, colleague, reader, at):
    services.revoke_access_key(reader.actor, reader.access_key, at=at)
    with pytest.raises(Forbidden):
        services.revoke_access_key(reader.actor, colleague.access_key, at=at)
    assert services.revoke_access_key(owner.actor, colleague.access_key, at=at).revoked_at == at


def test_somebody_stays_administrator(administrator, at):
    with pytest.raises(Refusal) as refused:
        services.withdraw_staff_role(administrator.actor, administrator.user, StaffRole.ADMINISTRATOR, at=at)
    assert refused.value.code == "last_administrator"
    second = make_user("second@hanaper.example")
    services.grant_staff_role(SETUP, second, StaffRole.ADMINISTRATOR, at=at)
    services.withdraw_staff_role(administrator.actor, administrator.user, StaffRole.ADMINISTRATOR, at=at)
