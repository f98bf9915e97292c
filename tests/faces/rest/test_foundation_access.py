"""Who gets in: keys that live, with the role their person has now; and who is kept out."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings

from hanaper import clock
from hanaper.apps.accounts import keys, services
from hanaper.apps.accounts.models import AccessKey, Membership
from hanaper.core.actor import AccountRole, StaffRole
from hanaper.storage.limits import TokenBuckets
from tests.people import SETUP, Rest

pytestmark = pytest.mark.django_db


def code(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_me_says_who_the_key_acts_for(owner, reviewer):
    assert owner.rest.get("/me").json() == {
        "kind": "customer",
        "email": "owner@example.com",
        "access_key": owner.access_key.public_id,
        "account": owner.account.public_id,
        "account_name": "Example Ltd",
        "role": "owner",
        "staff_roles": [],
    }
    me = reviewer.rest.get("/me").json()
    assert (me["kind"], me["account"], me["staff_roles"]) == ("operator", None, ["reviewer"])


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer key_x.y", "Bearer .", "Bearer key_\xe9.y",
     "Bearer " + "k" * 9000],
)  # fmt: skip
def test_nobody_gets_in(nobody, header):
    response = nobody.get("/me", Authorization=header)
    assert response.status_code == 401 and "WWW-Authenticate" in response.headers


def test_a_wrong_secret_of_a_real_key(owner):
    wrong = owner.secret[:-1] + ("A" if owner.secret[-1] != "A" else "B")
    assert code(Rest(wrong).get("/me")) == (401, "access_key_unknown")
    assert code(Rest(owner.secret + "A").get("/me")) == (401, "access_key_unknown")


def test_only_a_hash_is_kept(owner):
    secret = owner.secret.partition(".")[2]
    kept = AccessKey.objects.get(pk=owner.access_key.pk)
    assert secret not in str(vars(kept)) and kept.secret_hash == keys.hash_secret(secret)


def test_a_revoked_key_is_dead_at_once(owner, at):
    services.revoke_access_key(owner.actor, owner.access_key, at=at)
    assert code(owner.rest.get("/me")) == (401, "access_key_revoked")
    assert "Make another in the console, under Access keys." in owner.rest.get("/me").content.decode()


def test_the_role_is_the_one_of_now(owner, colleague):
    assert colleague.rest.get("/me").json()["role"] == "member"
    Membership.objects.filter(user=colleague.user).update(role=AccountRole.READ_ONLY)
    assert colleague.rest.get("/me").json()["role"] == "read_only"


def test_a_removed_member_s_key_is_dead(owner, colleague):
    Membership.objects.filter(user=colleague.user).delete()
    assert code(colleague.rest.get("/me")) == (401, "access_key_dead")


def test_somebody_locked_out_is_out(owner):
    owner.user.is_active = False
    owner.user.save()
    assert code(owner.rest.get("/me")) == (401, "access_key_dead")


def test_a_former_operator_is_out(administrator, reviewer, at):
    services.withdraw_staff_role(SETUP, reviewer.user, StaffRole.REVIEWER, at=at)
    assert code(reviewer.rest.get("/me")) == (401, "access_key_dead")


def test_customers_and_operators_keep_to_their_side(owner, reviewer, administrator):
    assert code(owner.rest.get("/operator/accounts")) == (403, "staff_role_required")
    assert code(reviewer.rest.get("/account")) == (403, "customer_key_required")
    body = {"email": "reviewer@hanaper.example", "role": "finance"}
    assert code(reviewer.rest.post("/operator/staff", body)) == (403, "staff_role_required")
    assert administrator.rest.post("/operator/staff", body).status_code == 201


def test_too_many_requests_of_one_key(owner, colleague, monkeypatch):
    monkeypatch.setattr(keys, "_requests", TokenBuckets(per_minute=3))
    assert [owner.rest.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = owner.rest.get("/me")
    assert code(response) == (429, "rate_limited") and 1 <= int(response["Retry-After"]) <= 20
    assert colleague.rest.get("/me").status_code == 200
    assert settings.RATE_LIMIT_PER_MINUTE == 1200


def test_guessing_keys_is_slowed_down(owner, nobody, monkeypatch):
    monkeypatch.setattr("hanaper.storage.limits.time", SimpleNamespace(monotonic=lambda: 1000.0))
    guesses = [Rest("key_guess.x").get("/me").status_code for _ in range(31)]
    assert guesses[:30] == [401] * 30 and guesses[30] == 429
    assert owner.rest.get("/me").status_code == 429  # the same address: it must wait


def test_the_last_use_is_stamped_at_most_once_a_minute(owner, django_assert_num_queries):
    owner.rest.get("/me")
    first = AccessKey.objects.get(pk=owner.access_key.pk).last_used_at
    assert first and clock.system_now() - first < timedelta(seconds=20)
    with django_assert_num_queries(3):  # key, role, clock
        owner.rest.get("/me")
    assert AccessKey.objects.get(pk=owner.access_key.pk).last_used_at == first


def test_token_buckets_refill(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("hanaper.storage.limits.time.monotonic", lambda: now[0])
    buckets = TokenBuckets(per_minute=60, burst=2)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    now[0] += 1
    assert buckets.take("a") == 0 and buckets.take("b") == 0


def test_token_buckets_do_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(TokenBuckets, "MOST", 100)
    buckets = TokenBuckets(per_minute=1, burst=2)
    buckets.take("busy", 2)
    for number in range(500):
        buckets.take(f"n{number}")
    assert len(buckets._buckets) <= 101 and buckets.wait("busy") > 0
