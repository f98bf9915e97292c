"""A form that is sent again after its process died: it takes effect once, wherever the power failed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from hanaper.apps.accounts import services
from hanaper.apps.accounts.models import AccessKey, IdempotencyRecord
from hanaper.faces.console.once import new_token
from tests.people import Person

pytestmark = pytest.mark.django_db


class PowerFailure(BaseException):
    """Nothing of ours runs after it."""


@pytest.fixture
def send(owner: Person) -> Callable[..., int]:
    client, token = Client(), new_token()
    client.force_login(owner.user)
    assert owner.account is not None
    address = f"/a/{owner.account.public_id}/keys/create/"

    def sent(name: str = "one", once: str = token) -> int:
        return client.post(address, {"name": name, "once": once}).status_code

    return sent


def made() -> int:
    return AccessKey.objects.filter(name="one").count()


def lease_runs_out() -> None:
    record = IdempotencyRecord.objects.get()
    IdempotencyRecord.objects.update(lease_until=record.created_at - timedelta(seconds=1))


def test_death_before_the_effect(send: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise PowerFailure

    with monkeypatch.context() as cut:
        cut.setattr(services, "create_access_key", die)
        with pytest.raises(PowerFailure):
            send()
    assert made() == 0
    assert send() == 409, "the first may still be under way"
    lease_runs_out()
    assert send() == 201 and made() == 1
    assert send() == 302 and made() == 1


def test_death_after_the_effect(send: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise PowerFailure

    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.accounts.idempotency.keep", die)
        with pytest.raises(PowerFailure):
            send()
    assert made() == 1
    lease_runs_out()
    assert send() == 302 and made() == 1
    assert IdempotencyRecord.objects.get().status == 302


def test_a_form_that_was_refused_can_be_sent_again(send: Callable[..., int]) -> None:
    assert send(name="") == 422
    assert send() == 201 and made() == 1


def test_one_token_is_no_way_to_send_another_form(send: Callable[..., int]) -> None:
    assert send() == 201
    assert send(name="two") == 409
    assert not AccessKey.objects.filter(name="two").exists()


@pytest.mark.parametrize("token", ["", "short", "é" * 32, "-" * 32, "a" * 33])
def test_without_a_token_of_ours_every_request_counts(send: Callable[..., int], token: str) -> None:
    assert [send(once=token), send(once=token)] == [201, 201]
    assert made() == 2
