"""The same write asked for twice happens once: replayed, refused, taken over after a crash."""

import threading
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from django.core.servers.basehttp import WSGIServer
from django.db import connection

from hanaper import clock
from hanaper.apps.accounts import idempotency, services
from hanaper.apps.accounts.models import AccessKey, Account, IdempotencyRecord, Membership
from hanaper.apps.audit.models import AuditEntry
from tests.people import make_user

pytestmark = pytest.mark.django_db
WSGIServer.request_queue_size = 128  # Django's test server drops what comes at once beyond ten


def renamed() -> int:
    return AuditEntry.objects.filter(action="account.renamed").count()


def run_out() -> None:
    IdempotencyRecord.objects.update(lease_until=clock.system_now() - timedelta(seconds=1))


def test_a_repeat_gets_the_first_answer(owner):
    first = owner.rest.patch("/account", {"name": "New"}, key="k-1")
    again = owner.rest.patch("/account", {"name": "New"}, key="k-1")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert renamed() == 1


def test_without_a_key_nothing_is_kept(owner):
    owner.rest.patch("/account", {"name": "New"})
    assert not IdempotencyRecord.objects.exists()


def test_blanks_and_the_order_of_fields_make_no_other_request(owner):
    make_user("new@example.com")
    one = {"email": "new@example.com", "role": "member"}
    assert owner.rest.post("/account/members", one, key="k").status_code == 201
    again = owner.rest.post("/account/members", dict(reversed(one.items())), key="k")
    assert again.status_code == 201 and again["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("other", ["body", "address", "person"])
def test_the_same_key_for_another_request_is_refused(owner, colleague, other):
    owner.rest.patch("/account", {"name": "New"}, key="k")
    if other == "body":
        response = owner.rest.patch("/account", {"name": "Other"}, key="k")
    elif other == "address":
        response = owner.rest.delete(f"/access-keys/{owner.access_key.public_id}", key="k")
    else:
        response = colleague.rest.patch("/account", {"name": "New"}, key="k")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "idempotency_key_reused"
    assert Account.objects.get(pk=owner.account.pk).name == "New"


def test_keys_of_other_accounts_and_operators_are_others(owner, stranger, administrator):
    assert owner.rest.patch("/account", {"name": "New"}, key="k").status_code == 200
    assert stranger.rest.patch("/account", {"name": "New"}, key="k").status_code == 200
    body = {"name": "A", "owner": "owner@example.com"}
    assert administrator.rest.post("/operator/accounts", body, key="k").status_code == 201


def test_a_refusal_is_kept_too(owner):
    me = owner.user.public_id
    first = owner.rest.delete(f"/account/members/{me}", key="k")
    again = owner.rest.delete(f"/account/members/{me}", key="k")
    assert first.json()["error"]["code"] == "last_owner"
    assert first.content == again.content and again["Idempotent-Replayed"] == "true"


def test_bad_input_is_not_kept(owner):
    assert owner.rest.patch("/account", {"name": " "}, key="k").status_code == 422
    assert owner.rest.patch("/account", {"nam": "x"}, key="k").status_code == 422
    assert owner.rest.patch("/account", {"name": "Good"}, key="k").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_of_another_form_is_refused(owner, key):
    response = owner.rest.patch("/account", {"name": "New"}, key=key)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "bad_idempotency_key"


def test_a_secret_is_never_kept(owner):
    first = owner.rest.post("/access-keys", {"name": "ci"}, key="k")
    assert first.status_code == 201
    secret = first.json()["secret"].partition(".")[2]
    again = owner.rest.post("/access-keys", {"name": "ci"}, key="k")
    assert again.status_code == 409
    error = again.json()["error"]
    assert error["code"] == "idempotency_answer_not_kept"
    assert error["details"]["target"] == first.json()["id"]
    assert AccessKey.objects.filter(name="ci").count() == 1
    for table in ("accounts_idempotencyrecord", "accounts_accesskey", "audit_auditentry"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            assert secret not in str(cursor.fetchall())


def test_while_the_first_is_under_way_the_second_waits(owner):
    owner.rest.patch("/account", {"name": "New"}, key="k")
    IdempotencyRecord.objects.update(status=None, body=None)
    response = owner.rest.patch("/account", {"name": "New"}, key="k")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "idempotency_key_in_flight"
    assert response["Retry-After"] == "1"


def test_after_a_crash_behind_the_effect_nothing_is_done_again(owner, monkeypatch):
    monkeypatch.setattr(idempotency, "keep", lambda *_: None)  # died before the answer was kept
    assert owner.rest.patch("/account", {"name": "New"}, key="k").status_code == 200
    monkeypatch.undo()
    run_out()
    for _ in range(2):
        response = owner.rest.patch("/account", {"name": "New"}, key="k")
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (409, "idempotency_answer_lost")
        assert error["details"]["target"] == owner.account.public_id
    assert renamed() == 1


def test_after_a_crash_before_the_effect_the_request_runs(owner, monkeypatch):
    def die(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr("hanaper.apps.accounts.services.rename_account", die)
    assert owner.rest.patch("/account", {"name": "New"}, key="k").status_code == 500
    monkeypatch.undo()
    response = owner.rest.patch("/account", {"name": "New"}, key="k")
    assert response.status_code == 200 and renamed() == 1
    assert owner.rest.patch("/account", {"name": "New"}, key="k")["Idempotent-Replayed"] == "true"


def test_a_holder_whose_lease_ran_out_cannot_overwrite(owner):
    claim = idempotency.reserve(scope="s", key="k", input_hash="h", request_id="req_1")
    run_out()
    later = idempotency.reserve(scope="s", key="k", input_hash="h", request_id="req_2")
    assert later.taken_over and later.first_request_id == "req_1"
    idempotency.keep(claim.reservation, 200, "late")
    assert IdempotencyRecord.objects.get().status is None
    idempotency.keep(later.reservation, 200, "mine")
    assert IdempotencyRecord.objects.get().body == "mine"


def test_a_slow_request_whose_key_was_taken_over_does_nothing(owner, monkeypatch):
    real, seen = services.rename_account, []

    def slow(*arguments, **named):
        if not seen:  # meanwhile the lease runs out, and a repeat comes and goes through
            seen.append(1)
            run_out()
            repeat = owner.rest.patch("/account", {"name": "New"}, key="k")
            seen.append(repeat.status_code)
        return real(*arguments, **named)

    monkeypatch.setattr("hanaper.apps.accounts.services.rename_account", slow)
    first = owner.rest.patch("/account", {"name": "New"}, key="k")
    assert seen == [1, 200] and renamed() == 1
    assert first.status_code == 409 and first.json()["error"]["code"] == "idempotency_key_in_flight"
    assert owner.rest.patch("/account", {"name": "New"}, key="k")["Idempotent-Replayed"] == "true"


def test_kept_answers_are_forgotten_after_two_days(owner):
    owner.rest.patch("/account", {"name": "New"}, key="k")
    now = clock.system_now()
    assert idempotency.sweep(now, now) == 0
    assert idempotency.sweep(now, now + timedelta(days=3)) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_happen_once(owner, live_server):
    make_user("new@example.com")
    answers: list[httpx.Response] = []
    start = threading.Barrier(50)

    def ask() -> None:
        start.wait()
        answers.append(
            httpx.post(
                live_server.url + "/api/v1/account/members",
                json={"email": "new@example.com", "role": "member"},
                headers={"Authorization": f"Bearer {owner.secret}", "Idempotency-Key": "once"},
                timeout=60,
            )
        )

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter(answer.status_code for answer in answers)
    assert set(counted) <= {201, 409}, counted
    assert counted[201] >= 1
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"idempotency_key_in_flight"}
    assert Membership.objects.filter(user__email="new@example.com").count() == 1
    fresh = [a for a in answers if a.status_code == 201 and "Idempotent-Replayed" not in a.headers]
    assert len(fresh) == 1
