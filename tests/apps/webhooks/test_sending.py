"""Deliveries: signed, sent at least once under one id, tried again for days, then given up."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import Event, Notice
from hanaper.apps.events.sweep import deliver
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.webhooks import calling, sending, services
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.sweep import sweep
from hanaper.apps.webhooks.vocabulary import PAUSES
from hanaper.core.actor import system
from hanaper.core.errors import InvalidInput, Refusal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def signature(secret: str, received) -> str:
    """As the specification says it, written anew."""
    key = base64.b64decode(secret[len("whsec_") :])
    headers = received.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def test_an_event_is_sent_signed(add, happen, receiver, owner, at):
    _, secret = add()
    event = happen()
    assert sweep(at, clock.system_now()) == 1
    (got,) = receiver.got
    assert got.path == "/hook?x=1" and got.headers["content-type"] == "application/json"
    assert hmac.compare_digest(got.headers["webhook-signature"], signature(secret, got))
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    body = json.loads(got.body)
    assert body["type"] == "certificate.issued" and body["timestamp"] == "2026-03-02T09:00:00Z"
    assert body["data"]["event"] == event.public_id and body["data"]["subject"] == "crt_x"
    assert body["data"]["domains"] == "例え.example"
    assert body["data"]["account"] == owner.account.public_id
    delivery = Delivery.objects.get()
    assert got.headers["webhook-id"] == delivery.public_id
    assert (delivery.state, delivery.status, delivery.answer) == ("delivered", 200, "thank you")
    assert delivery.due_at is None and delivery.delivered_at and delivery.attempts == 1
    assert sweep(at, clock.system_now()) == 0


def test_only_the_kinds_chosen_and_only_the_account_s_own(add, happen, stranger, at):
    all_of_them, _ = add()
    one, _ = add(kinds=["order.paid"])
    off, _ = add()
    services.change_endpoint(system("tests"), off, enabled=False, at=at)
    add(stranger)
    happen("a")
    happen("b", EventKind.ORDER_PAID)
    happen("c", EventKind.WEBHOOK_GIVEN_UP)
    made = Delivery.objects.order_by("pk").values_list("endpoint_id", "event__kind")
    assert list(made) == [
        (all_of_them.pk, "certificate.issued"),
        (all_of_them.pk, "order.paid"),
        (one.pk, "order.paid"),
    ]


@pytest.mark.parametrize("status", [500, 404, 302])
def test_another_status_is_tried_again_later(add, happen, receiver, at, status):
    add()
    happen()
    receiver.status, receiver.answer = status, b"x" * 3000
    receiver.location = receiver.url if status == 302 else ""
    now = clock.system_now()
    assert sweep(at, now) == 1 and len(receiver.got) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.status, len(delivery.answer)) == ("failed", status, 500)
    assert delivery.due_at >= now + PAUSES[0]
    assert sweep(at, now) == 0
    receiver.status = 204
    assert sweep(at, now + timedelta(minutes=1)) == 1
    delivery.refresh_from_db()
    assert delivery.state == "delivered" and delivery.attempts == 2
    ids = {got.headers["webhook-id"] for got in receiver.got}
    assert ids == {delivery.public_id} and len({got.body for got in receiver.got}) == 1
    endpoint = Endpoint.objects.get()
    assert (endpoint.failures, endpoint.failing_since, endpoint.resting_until) == (0, None, None)


def test_a_server_that_hangs_is_left_alone_and_holds_up_no_other(add, happen, receiver, at, monkeypatch):
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.5)
    receiver.pause = 5
    add()
    happen("a")
    happen("b")
    now = clock.system_now()
    assert sweep(at, now) == 1  # the second waits: the endpoint rests
    first, second = Delivery.objects.order_by("pk")
    assert first.status is None and first.fault.startswith("timeout") and first.state == "failed"
    assert second.state == "pending" and second.attempts == 0


def test_each_endpoint_gets_one_at_a_time(add, happen, at):
    for _ in range(3):
        add()
    happen("a")
    happen("b")
    now = clock.system_now()
    assert len(sending.due(now)) == 3
    assert sweep(at, now) == 6


def test_a_crash_between_send_and_stamp_sends_again_with_the_same_id(add, happen, receiver, at, monkeypatch):
    add()
    happen()

    def die(name):
        if name == "webhooks.send.after_call":
            raise KeyboardInterrupt

    monkeypatch.setattr(sending, "crashpoint", die)
    with pytest.raises(KeyboardInterrupt):
        sweep(at, clock.system_now())
    monkeypatch.undo()
    assert sweep(at, clock.system_now()) == 0  # the lease still runs
    assert sweep(at, clock.system_now() + timedelta(minutes=3)) == 1
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] and first.body == second.body


def test_who_lost_the_lease_writes_nothing(add, happen, at):
    add()
    happen()
    now = clock.system_now()
    (pk,) = sending.due(now)
    slow = sending._claim(pk, now)
    again = sending._claim(pk, now + timedelta(minutes=3))
    assert again is not None and sending._claim(pk, now + timedelta(minutes=3)) is None
    sending._stamp(slow, calling.Outcome(fault="timeout: slow"), at, now)
    delivery = Delivery.objects.get()
    assert delivery.state == "pending" and delivery.due_at == again.due_at
    sending._stamp(again, calling.Outcome(200), at, now)
    assert Delivery.objects.get().state == "delivered"


def test_after_three_days_it_is_given_up_and_told_once_a_day(add, happen, receiver, at):
    endpoint, _ = add()
    happen("a")
    happen("b")
    receiver.status = 500
    now = start = clock.system_now()
    while Delivery.objects.exclude(state="given_up").exists():
        now += timedelta(hours=1)
        sweep(at, now)
        assert now - start < 5 * DAY
    assert 3 * DAY < now - start < 4.5 * DAY
    assert {one.attempts for one in Delivery.objects.all()} == {len(PAUSES) + 1}
    assert Event.objects.filter(kind="webhook.given_up").count() == 1
    deliver(now)
    notice = Notice.objects.get(kind="webhook.given_up")
    assert notice.subject == endpoint.public_id and notice.account == endpoint.account
    assert Delivery.objects.count() == 2  # what is told of webhooks does not go by webhook


def test_an_endpoint_that_fails_for_days_is_disabled(add, happen, receiver, owner, at):
    endpoint, _ = add()
    receiver.status = 500
    now = clock.system_now()
    for number in range(7):
        happen(str(number))
        sweep(at, now + number * DAY + timedelta(hours=1))
    endpoint.refresh_from_db()
    assert not endpoint.enabled and endpoint.disabled_because == "failing"
    assert not Delivery.objects.filter(state__in=["pending", "failed"]).exists()
    assert Event.objects.filter(kind="webhook.disabled").count() == 1
    assert AuditEntry.objects.filter(action="webhook.disabled", account=owner.account).count() == 1
    enabled = services.change_endpoint(owner.actor, endpoint, enabled=True, at=at)
    assert enabled.enabled and enabled.failures == 0 and enabled.failing_since is None


def test_gone_is_an_answer(add, happen, receiver, at):
    endpoint, _ = add()
    happen()
    receiver.status = 410
    sweep(at, clock.system_now())
    endpoint.refresh_from_db()
    assert endpoint.disabled_because == "gone" and Delivery.objects.get().state == "given_up"


def test_a_replay_keeps_the_id(add, happen, receiver, owner, at):
    endpoint, _ = add()
    happen()
    sweep(at, clock.system_now())
    delivery = services.replay(owner.actor, Delivery.objects.get(), at=at)
    assert (delivery.state, delivery.attempts) == ("pending", 0)
    assert sweep(at, clock.system_now()) == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1 and len(receiver.got) == 2
    assert AuditEntry.objects.filter(action="webhook.replayed").count() == 1
    services.change_endpoint(owner.actor, endpoint, enabled=False, at=at)
    with pytest.raises(Refusal) as caught:
        services.replay(owner.actor, Delivery.objects.get(), at=at)
    assert caught.value.code == "webhook_disabled"


def test_a_test_is_sent_and_told_to_nobody(add, receiver, owner, at):
    endpoint, _ = add(kinds=["order.paid"])
    services.send_test(owner.actor, endpoint, at=at)
    assert deliver(clock.system_now()) == 0 and Notice.objects.count() == 0
    assert sweep(at, clock.system_now()) == 1
    assert json.loads(receiver.got[0].body)["type"] == "webhook.test"


def test_both_secrets_sign_for_a_day_after_a_rotation(add, happen, receiver, owner, at):
    endpoint, old = add()
    _, new = services.rotate_secret(owner.actor, endpoint, at=at)
    happen()
    sweep(at, clock.system_now())
    (got,) = receiver.got
    assert got.headers["webhook-signature"].split() == [signature(new, got), signature(old, got)]
    services.replay(owner.actor, Delivery.objects.get(), at=at)
    sweep(at, clock.system_now() + timedelta(hours=25))
    assert receiver.got[1].headers["webhook-signature"] == signature(new, receiver.got[1])


def test_a_secret_that_cannot_be_opened_stops_nobody_else(add, happen, receiver, at):
    broken, _ = add()
    add()
    happen()
    type(broken.secret).objects.filter(pk=broken.secret_id).update(purpose="x", sealed=b"0" * 40)
    assert sweep(at, clock.system_now()) == 2 and len(receiver.got) == 1
    assert Delivery.objects.get(endpoint=broken).fault.startswith("internal")


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.0.0.7", True), ("169.254.169.254", True), ("127.0.0.1", False), ("fd00::1", True)],
)
def test_an_address_inside_is_refused(add, happen, receiver, name_server, settings, at, address, inside):
    """In a sandbox loopback alone may be asked, in production nothing inside."""
    kind = "AAAA" if ":" in address else "A"
    name_server.records[("hook.example.test", kind)] = [address]
    add(url=f"http://hook.example.test:{receiver.port}/")
    happen()
    sweep(at, clock.system_now())
    assert bool(receiver.got) is not inside
    if inside:
        assert Delivery.objects.get().fault.startswith("no_public_address")
        assert address not in Delivery.objects.get().fault
    settings.SANDBOX = False
    Endpoint.objects.update(url="https://hook.example.test/", resting_until=None)
    services.replay(system("tests"), Delivery.objects.get(), at=at)
    before = len(receiver.got)
    sweep(at, clock.system_now() + timedelta(hours=1))
    assert len(receiver.got) == before
    assert Delivery.objects.get().fault.startswith("no_public_address")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hook.example.com/", "https_required"),
        ("https://127.0.0.1/", "address_not_name"),
        ("https://localhost/", "bad_address"),
        ("https://user:pass@hook.example.com/", "bad_address"),
        ("https://hook.example.com:22/", "bad_port"),
        ("ftp://hook.example.com/", "https_required"),
        ("nonsense", "https_required"),
        ("https://[::1]/", "address_not_name"),
        ("https://hook.example.com/\r\nX: y", "bad_address"),
        ("https://[broken/", "https_required"),
    ],
)
def test_in_production_an_address_that_cannot_be_right_is_refused_at_once(owner, add, settings, url, code):
    settings.SANDBOX = False
    with pytest.raises(InvalidInput) as caught:
        add(url=url)
    assert caught.value.code == code and caught.value.field == "url"
    assert Endpoint.objects.count() == 0


def test_what_ended_long_ago_is_forgotten_and_its_event_is_not(add, happen, receiver, at):
    add()
    happen("delivered")
    sweep(at, clock.system_now())
    receiver.status = 500
    happen("failing")
    sweep(at, clock.system_now())
    old = clock.system_now() - timedelta(days=91)
    Delivery.objects.update(created_at=old)
    happen("new")
    Endpoint.objects.update(resting_until=clock.system_now() + DAY)
    assert sweep(at, clock.system_now()) == 1
    assert {delivery.state for delivery in Delivery.objects.filter(created_at=old)} == {"failed"}
    assert Delivery.objects.count() == 2 and Event.objects.filter(dedupe="delivered").exists()
