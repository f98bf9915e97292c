"""Members and their roles: owners decide, and somebody always stays owner."""

import threading

import pytest
from django.db import connection

from hanaper.apps.accounts import services
from hanaper.apps.accounts.models import AccessKey, Membership
from hanaper.apps.audit.models import AuditEntry
from hanaper.core.actor import AccountRole
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from tests.people import SETUP, make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db):
    return make_user("new@example.com")


def members(account) -> dict[str, str]:
    return dict(Membership.objects.filter(account=account).values_list("user__email", "role"))


def test_an_owner_lets_somebody_in(owner, account, newcomer, at):
    services.add_member(owner.actor, account, email=" New@Example.com ", role=AccountRole.MEMBER, at=at)
    assert members(account)["new@example.com"] == "member"
    entry = AuditEntry.objects.get(action="account.member_added")
    assert entry.account == account and entry.after == {"email": "new@example.com", "role": "member"}
    assert entry.at == at and entry.user == owner.user


def test_only_somebody_who_signed_up(owner, account, at):
    with pytest.raises(InvalidInput) as refused:
        services.add_member(owner.actor, account, email="x@example.com", role=AccountRole.MEMBER, at=at)
    assert refused.value.code == "user_unknown"


def test_nobody_is_a_member_twice(owner, account, colleague, at):
    with pytest.raises(Refusal) as refused:
        services.add_member(
            owner.actor, account, email="colleague@example.com", role=AccountRole.OWNER, at=at
        )
    assert refused.value.code == "member_exists"
    assert members(account)["colleague@example.com"] == "member"


def test_others_decide_nothing(account, colleague, reader, stranger, reviewer, newcomer, owner, at):
    before = members(account)
    for person in (colleague, reader, stranger, reviewer):
        with pytest.raises(Forbidden):
            services.add_member(person.actor, account, email="new@example.com", role=AccountRole.OWNER, at=at)
        with pytest.raises(Forbidden):
            services.change_role(
                person.actor,
                account,
                user_public_id=owner.user.public_id,
                role=AccountRole.MEMBER,
                at=at,
            )
        with pytest.raises(Forbidden):
            services.remove_member(person.actor, account, user_public_id=owner.user.public_id, at=at)
    assert members(account) == before


def test_the_last_owner_stays(owner, account, colleague, at):
    me = owner.user.public_id
    for attempt in (
        lambda: services.change_role(owner.actor, account, user_public_id=me, role=AccountRole.MEMBER, at=at),
        lambda: services.remove_member(owner.actor, account, user_public_id=me, at=at),
    ):
        with pytest.raises(Refusal) as refused:
            attempt()
        assert refused.value.code == "last_owner"
    assert members(account)["owner@example.com"] == "owner"
    services.change_role(
        owner.actor, account, user_public_id=colleague.user.public_id, role=AccountRole.OWNER, at=at
    )
    services.remove_member(owner.actor, account, user_public_id=me, at=at)
    assert members(account) == {"colleague@example.com": "owner"}


def test_whoever_leaves_leaves_no_living_key(account, colleague, at):
    services.remove_member(colleague.actor, account, user_public_id=colleague.user.public_id, at=at)
    assert AccessKey.objects.get(pk=colleague.access_key.pk).revoked_at == at


def test_a_member_of_another_account_is_unknown_here(owner, account, stranger, at):
    with pytest.raises(NotFound):
        services.remove_member(owner.actor, account, user_public_id=stranger.user.public_id, at=at)


def test_the_same_role_again_changes_and_records_nothing(owner, account, colleague, at):
    services.change_role(
        owner.actor, account, user_public_id=colleague.user.public_id, role=AccountRole.MEMBER, at=at
    )
    assert not AuditEntry.objects.filter(action="account.member_role_changed").exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_demote_each_other_at_once(owner, account, at):
    other = make_member(account, "other@example.com", AccountRole.OWNER)
    start = threading.Barrier(2)

    def demote(by, whom) -> None:
        start.wait()
        try:
            services.change_role(
                by.actor, account, user_public_id=whom.user.public_id, role=AccountRole.MEMBER, at=at
            )
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((owner, other), (other, owner))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(members(account).values()) == ["member", "owner"]


def test_an_account_starts_with_its_owner(newcomer, at):
    account = services.create_account(SETUP, name="  New Ltd ", owner=newcomer, at=at)
    assert (account.name, account.created_at, members(account)) == (
        "New Ltd",
        at,
        {"new@example.com": "owner"},
    )
    with pytest.raises(InvalidInput):
        services.create_account(SETUP, name=" ", owner=newcomer, at=at)
