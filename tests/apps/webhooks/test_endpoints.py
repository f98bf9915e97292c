"""Endpoints: owners only, ten at most, secrets sealed and shown once, everything audited."""

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.secrets.models import SealedSecret
from hanaper.apps.webhooks import queries, services
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.vocabulary import MOST_ENDPOINTS
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from hanaper.storage.paging import page

pytestmark = pytest.mark.django_db


def actions(account) -> list[str]:
    rows = AuditEntry.objects.filter(account=account, action__startswith="webhook.")
    return list(rows.order_by("pk").values_list("action", flat=True))


def test_the_secret_is_sealed_and_in_no_row(add, owner):
    endpoint, secret = add(description="  the shop ")
    assert secret.startswith("whsec_") and endpoint.description == "the shop"
    sealed = bytes(SealedSecret.objects.get(pk=endpoint.secret_id).sealed)
    assert secret.encode() not in sealed
    entry = AuditEntry.objects.get(action="webhook.created")
    assert secret not in str(entry.after) and entry.after["url"] == endpoint.url


def test_an_account_has_at_most_ten(add, owner, stranger, at):
    made = [add()[0] for _ in range(MOST_ENDPOINTS)]
    with pytest.raises(Refusal) as caught:
        add()
    assert caught.value.code == "too_many_webhooks" and Endpoint.objects.count() == MOST_ENDPOINTS
    add(stranger)
    services.remove_endpoint(owner.actor, made[0], at=at)
    add()


@pytest.mark.parametrize("who", ["colleague", "reader", "stranger", "administrator"])
def test_only_owners_change_anything(add, happen, owner, at, who, request):
    endpoint, _ = add()
    happen()
    delivery = Delivery.objects.get()
    other = request.getfixturevalue(who).actor
    account = owner.account
    for verb in (
        lambda: services.create_endpoint(other, account, url="https://a.example.com/", at=at),
        lambda: services.change_endpoint(other, endpoint, enabled=False, at=at),
        lambda: services.rotate_secret(other, endpoint, at=at),
        lambda: services.remove_endpoint(other, endpoint, at=at),
        lambda: services.replay(other, delivery, at=at),
        lambda: services.send_test(other, endpoint, at=at),
    ):
        with pytest.raises(Forbidden):
            verb()
    assert actions(account) == ["webhook.created"]
    assert Endpoint.objects.get().enabled and Delivery.objects.count() == 1


def test_members_look_and_strangers_find_nothing(add, happen, colleague, reader, stranger):
    endpoint, _ = add()
    happen()
    delivery = Delivery.objects.get()
    for person in (colleague, reader):
        assert queries.endpoint(person.actor, endpoint.public_id) == endpoint
        assert queries.delivery(person.actor, endpoint, delivery.public_id) == delivery
    with pytest.raises(NotFound):
        queries.endpoint(stranger.actor, endpoint.public_id)
    with pytest.raises(NotFound):
        queries.delivery(stranger.actor, endpoint, delivery.public_id)
    assert not queries.endpoints(stranger.actor).exists()


def test_what_is_changed_is_checked_and_told(add, owner, at):
    endpoint, _ = add()
    changed = services.change_endpoint(
        owner.actor, endpoint, url="https://b.example.com/x", kinds=["order.paid", "order.paid"], at=at
    )
    assert (changed.url, changed.kinds) == ("https://b.example.com/x", ["order.paid"])
    assert services.change_endpoint(owner.actor, changed, kinds=["order.paid"], at=at) == changed
    assert services.change_endpoint(owner.actor, changed, kinds=[], at=at).kinds == []
    for wrong in ({"url": "ftp://x.example.com/"}, {"kinds": ["nothing"]}, {"description": "x" * 201}):
        with pytest.raises(InvalidInput) as caught:
            services.change_endpoint(owner.actor, changed, **wrong, at=at)
        assert caught.value.field == next(iter(wrong))
    assert actions(owner.account) == ["webhook.created"] + ["webhook.changed"] * 2


def test_disabled_gives_up_what_was_on_its_way(add, happen, owner, at):
    endpoint, _ = add()
    happen()
    services.change_endpoint(owner.actor, endpoint, enabled=False, at=at)
    assert Delivery.objects.get().state == "given_up"
    endpoint.refresh_from_db()
    assert endpoint.disabled_because == "owner"
    with pytest.raises(Refusal) as caught:
        services.send_test(owner.actor, endpoint, at=at)
    assert caught.value.code == "webhook_disabled"


def test_removed_is_gone_with_its_secrets(add, happen, owner, at):
    endpoint, _ = add()
    services.rotate_secret(owner.actor, endpoint, at=at)
    services.rotate_secret(owner.actor, endpoint, at=at)
    assert SealedSecret.objects.filter(purpose="webhook signing").count() == 2
    happen()
    services.remove_endpoint(owner.actor, endpoint, at=at)
    assert not SealedSecret.objects.filter(purpose="webhook signing").exists()
    with pytest.raises(NotFound):
        queries.endpoint(owner.actor, endpoint.public_id)
    with pytest.raises(Refusal):
        services.remove_endpoint(owner.actor, endpoint, at=at)
    happen("two")
    assert [one.state for one in Delivery.objects.all()] == ["given_up"]


def test_lists_are_paged(add, happen, owner):
    endpoint, _ = add()
    for number in range(3):
        happen(str(number))
    rows = queries.deliveries(owner.actor, endpoint)
    first = page(rows, sort="-id", limit=2)
    rest = page(rows, sort="-id", limit=2, cursor=first.next_cursor)
    assert len(first.rows) == 2 and len(rest.rows) == 1 and rest.next_cursor is None
