"""Private CAs: what a decision is told of them, and how they end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepState
from hanaper.apps.private_ca import queries
from hanaper.apps.private_ca.evidence import private_ca_evidence
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import create_bought, end_refunded
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.apps.private_ca.undo import undo_step
from hanaper.core.errors import NotFound, Refusal
from tests.apps.private_ca.conftest import enable
from tests.people import Person
from tests.shop import buy, place


def told(order: Order, at: datetime) -> Any:
    return private_ca_evidence([order], at)[order.pk]["ca"]


def test_never_enabled(order: Order, root: PrivateCA, at: datetime) -> None:
    # D8
    assert told(order, at) == {
        "id": root.public_id,
        "state": "not_enabled",
        "reset_at": None,
        "enabled_intermediates": [],
    }


def test_enabled_with_intermediates_of_two_orders(
    owner: Person, order: Order, root: PrivateCA, at: datetime
) -> None:
    # D7: whoever's order they are
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at + timedelta(hours=1)))
    mine = PrivateCA.objects.get(order=order, kind="intermediate")
    enable(owner, root, at)
    enable(owner, mine, at)
    enable(owner, extra, at, parent=root)
    assert told(order, at)["state"] == "enabled"
    assert told(order, at)["enabled_intermediates"] == [mine.public_id, extra.public_id]
    assert told(extra.order, at)["id"] == extra.public_id
    assert told(extra.order, at)["enabled_intermediates"] == []


def test_reset_and_expired(order: Order, root: PrivateCA, at: datetime) -> None:
    PrivateCA.objects.filter(pk=root.pk).update(reset_at=at)
    assert told(order, at)["reset_at"] == "2026-03-02T09:00:00Z"
    PrivateCA.objects.filter(pk=root.pk).update(reset_at=None, state="expired")
    assert told(order, at)["state"] == "not_enabled", "it never was, and the facts know no end of a term"


def test_unpaid_there_is_none_yet(owner: Person, catalogue: None, at: datetime) -> None:
    unpaid = place(owner, "private-root-ca", at=at)
    assert told(unpaid, at)["state"] == "not_enabled"


@pytest.mark.parametrize("state", list(PrivateCaState))
def test_refunded_from_every_state(owner: Person, order: Order, state: str, at: datetime) -> None:
    if state == PrivateCaState.ENABLED:
        for ca in PrivateCA.objects.order_by("pk"):
            enable(owner, ca, at)
    PrivateCA.objects.update(state=state)
    with transaction.atomic():
        end_refunded(order, at)
        end_refunded(order, at)
    assert {ca.state for ca in PrivateCA.objects.all()} == {"refunded"}


def test_fulfilled_once(order: Order, at: datetime) -> None:
    with transaction.atomic():
        create_bought(order, at)
    assert PrivateCA.objects.count() == 2


def test_undo(owner: Person, stranger: Person, order: Order, root: PrivateCA, at: datetime) -> None:
    assert undo_step(owner.actor, order, "reset", root.public_id, at).state is StepState.DONE
    with pytest.raises(Refusal) as refused:
        undo_step(owner.actor, order, "revoke", root.public_id, at)
    assert refused.value.code == "unknown_step"
    with pytest.raises(NotFound):
        undo_step(stranger.actor, order, "reset", root.public_id, at)


def test_the_wall(
    owner: Person, colleague: Person, reader: Person, stranger: Person, order: Order, root: PrivateCA
) -> None:
    for person in (owner, colleague, reader):
        assert queries.private_ca(person.actor, root.public_id) == root
        assert queries.private_cas(person.actor).count() == 2
        assert queries.private_cas(person.actor, kind="root", state="not_enabled").get() == root
    assert queries.private_cas(stranger.actor).count() == 0
    with pytest.raises(NotFound):
        queries.private_ca(stranger.actor, root.public_id)


@pytest.mark.parametrize("columns", [{"state": "enabled", "reset_at": "at"}, {"parent": "itself"}])
def test_the_database_refuses(root: PrivateCA, at: datetime, columns: dict[str, Any]) -> None:
    values = {"at": at, "itself": root}
    with pytest.raises(IntegrityError), transaction.atomic():
        PrivateCA.objects.filter(pk=root.pk).update(**{k: values.get(v, v) for k, v in columns.items()})


def test_one_that_there_is_not_has_a_code_like_all_others(owner: Person) -> None:
    with pytest.raises(NotFound) as refused:
        queries.private_ca(owner.actor, "pca_none")
    assert refused.value.code == "private_ca_not_found"
