"""A composed query finds what its query set finds, and is put together once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, Model, QuerySet
from django.db.transaction import TransactionManagementError

from hanaper.apps.accounts.models import AccessKey, Membership
from hanaper.core.actor import AccountRole
from hanaper.storage.composed import Change, composed, composed_change

pytestmark = pytest.mark.django_db


def made_before(moment) -> QuerySet[AccessKey]:
    rows = AccessKey.objects.select_related("account", "user").filter(created_at__lte=moment)
    return rows.filter(revoked_at=None).order_by("-pk")


def of_role(role) -> QuerySet[Membership]:
    return Membership.objects.select_related("account").filter(role=role)


def ids_but(public_id) -> QuerySet[AccessKey, str]:
    return AccessKey.objects.exclude(public_id=public_id).order_by("pk").values_list("public_id", flat=True)


def columns_of(account_id, name) -> QuerySet[AccessKey, tuple]:
    found = AccessKey.objects.filter(account_id=account_id, name=name)
    return found.order_by("pk").values_list("public_id", "created_at", "revoked_at")[:2]


def part_of(pk) -> QuerySet[AccessKey]:
    return AccessKey.objects.select_related("user").only("name", "user__email").filter(pk=pk)


def named(public_ids, names) -> QuerySet[AccessKey]:
    return AccessKey.objects.filter(public_id__in=public_ids, name__in=names).order_by("pk")


def told(row):
    """Every column that was read, of a row and of those that came with it."""
    if not isinstance(row, Model):
        return row
    columns = {name: value for name, value in vars(row).items() if name != "_state"}
    return columns | {name: told(one) for name, one in row._state.fields_cache.items()}


@pytest.mark.parametrize(
    ("function", "arguments", "count"),
    [
        (made_before, lambda who, at: [at], 3),
        (made_before, lambda who, at: [at - timedelta(days=3650)], 0),
        (of_role, lambda who, at: [AccountRole.OWNER], 1),
        (ids_but, lambda who, at: [who.access_key.public_id], 2),
        (columns_of, lambda who, at: [who.account.pk, "tests"], 2),
        (part_of, lambda who, at: [who.access_key.pk], 1),
        (named, lambda who, at: [[who.access_key.public_id], ("other", "tests")], 1),
        (named, lambda who, at: [[who.access_key.public_id, *map(str, range(20))], ["tests"]], 1),
    ],
)
def test_the_rows_are_those_of_the_query_set(
    function, arguments, count, owner, colleague, administrator, at, django_assert_num_queries
):
    query, given = composed(function), arguments(owner, at)
    with django_assert_num_queries(1):
        found = query.all(*given)
    assert [told(one) for one in found] == [told(one) for one in function(*given)]
    assert len(found) == count
    assert told(query.first(*given)) == (told(found[0]) if found else None)


def test_it_is_put_together_once_in_a_thread_and_asked_every_time(owner):
    times = []

    def named(name) -> QuerySet[AccessKey]:
        times.append(threading.current_thread())
        return AccessKey.objects.filter(name=name)

    query = composed(named)
    assert [query.first(name="tests") is None, query.first("other") is None] == [False, True]
    AccessKey.objects.update(name="other")
    assert [query.first("tests") is None, query.first("other") is None] == [True, False]
    assert len(times) == 1


def test_of_lists_once_for_each_length_and_none_finds_nothing(owner, django_assert_num_queries):
    times = []

    def among(names) -> QuerySet[AccessKey]:
        times.append(len(names))
        return AccessKey.objects.filter(name__in=names)

    query = composed(among)
    assert [len(query.all(names)) for names in (["a"], ["tests"], ["a", "tests"], ["a", "b"])] == [0, 1, 1, 0]
    with django_assert_num_queries(0):
        assert query.all([]) == []
    assert times == [1, 2]


def test_nothing_is_compared_with_none(owner):
    with pytest.raises(TypeError):
        composed(ids_but).all(None)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_or_not_at_all(owner):
    query = composed(lambda pk: AccessKey.objects.select_for_update().filter(pk=pk))
    with transaction.atomic():
        assert query.first(owner.access_key.pk) == owner.access_key
    with pytest.raises(TransactionManagementError):
        query.first(owner.access_key.pk)


@pytest.mark.django_db(transaction=True)
def test_another_connection_has_its_own(owner):
    query = composed(of_role)
    query.first(AccountRole.OWNER)
    found = []

    def elsewhere():
        found.extend(query.all(AccountRole.OWNER))
        connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert [one.user_id for one in found] == [owner.user.pk]


def test_a_change_says_how_many_rows_it_changed(owner, colleague, at, django_assert_num_queries):
    @composed_change
    def rename(public_ids, name, moment) -> Change:
        rows = AccessKey.objects.filter(public_id__in=public_ids, revoked_at=None).order_by("-pk")
        return Change(rows, name=name, revoked_at=moment, last_used_at=F("created_at"))

    both = [owner.access_key.public_id, colleague.access_key.public_id]
    with django_assert_num_queries(3):
        assert [rename(both, "gone", at), rename(both, "again", at), rename(both[:1], "again", at)] == [
            2,
            0,
            0,
        ]
    for key in AccessKey.objects.all():
        assert (key.name, key.revoked_at, key.last_used_at) == ("gone", at, key.created_at)
    with pytest.raises(TypeError):
        rename(both, None, at)
    assert rename([], "none", at) == 0
