"""The people of every test, as actors and as REST clients.

Fixtures: `owner`, `colleague` (member) and `reader` (read-only) of one account; `stranger`, owner of another;
operators `reviewer`, `finance`, `administrator`; `nobody`, a client without a key. Each is a `Person`:

    def test_wall(owner, stranger, at):
        order = place_order(owner.actor, ..., at=at)
        assert owner.rest.get(f"/orders/{order.public_id}").status_code == 200
        assert stranger.rest.get(f"/orders/{order.public_id}").status_code == 404

Each asks for the database; under the mark `django_db(transaction=True)` it is the transactional one.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from hanaper.apps.accounts import services
from hanaper.apps.accounts.models import AccessKey, Account, Membership, User
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole, system
from tests import described

PASSWORD = "correct horse battery"
SETUP = system("test")
SETUP_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Rest:
    """The API as seen with one key: `rest.get("/orders")`, `rest.post("/orders", {...}, key="idem-1")`."""

    def __init__(self, access_key: str | None = None) -> None:
        self.access_key = access_key
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, parameters: dict[str, Any] | None = None, **headers: str) -> Any:
        answer = self.client.get("/api/v1" + path, parameters, headers=self._headers(None, headers))
        return self._described("GET", path, answer)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        return self._send("post", path, body, key, headers)

    def patch(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        return self._send("patch", path, body, key, headers)

    def put(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        return self._send("put", path, body, key, headers)

    def delete(self, path: str, *, key: str | None = None, **headers: str) -> Any:
        answer = self.client.delete("/api/v1" + path, headers=self._headers(key, headers))
        return self._described("DELETE", path, answer)

    def _send(self, method: str, path: str, body: Any, key: str | None, headers: dict[str, str]) -> Any:
        data = "" if body is None else json.dumps(body)
        send = getattr(self.client, method)
        answer = send(
            "/api/v1" + path, data, content_type="application/json", headers=self._headers(key, headers)
        )
        return self._described(method.upper(), path, answer)

    @staticmethod
    def _described(method: str, path: str, answer: Any) -> Any:
        described.check(method, "/api/v1" + path, answer)
        return answer

    def _headers(self, key: str | None, headers: dict[str, str]) -> dict[str, str]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.access_key:
            sent.setdefault("Authorization", f"Bearer {self.access_key}")
        if key is not None:
            sent["Idempotency-Key"] = key
        return sent


@dataclass
class Person:
    user: User
    actor: Actor
    account: Account | None
    access_key: AccessKey
    secret: str  # what is presented: key_....secret
    rest: Rest = field(init=False)

    def __post_init__(self) -> None:
        self.rest = Rest(self.secret)

    def from_address(self, address: str) -> "Person":
        return replace(self, actor=replace(self.actor, address=address))


def make_user(email: str) -> User:
    return User.objects.create_user(email, PASSWORD)


def make_member(account: Account, email: str, role: AccountRole, at: datetime = SETUP_AT) -> Person:
    """Somebody in `account`, with a key."""
    user = make_user(email)
    Membership.objects.create(account=account, user=user, role=role)
    return person(user, account, role, at)


def make_owner(email: str, account_name: str, at: datetime = SETUP_AT) -> Person:
    """Somebody with an account of their own, and a key."""
    user = make_user(email)
    account = services.create_account(SETUP, name=account_name, owner=user, at=at)
    return person(user, account, AccountRole.OWNER, at)


def make_operator(email: str, *roles: StaffRole, at: datetime = SETUP_AT) -> Person:
    user = make_user(email)
    for role in roles:
        services.grant_staff_role(SETUP, user, role, at=at)
    access_key, secret = services.create_access_key(SETUP, name="tests", account=None, user=user, at=at)
    actor = Actor(
        kind=ActorKind.OPERATOR,
        name=user.email,
        staff_roles=frozenset(roles),
        user_id=user.pk,
        access_key=access_key.public_id,
    )
    return Person(user, actor, None, access_key, secret)


def person(user: User, account: Account, role: AccountRole, at: datetime = SETUP_AT) -> Person:
    access_key, secret = services.create_access_key(SETUP, name="tests", account=account, user=user, at=at)
    actor = Actor(
        kind=ActorKind.CUSTOMER,
        name=user.email,
        account_id=account.pk,
        account_role=role,
        user_id=user.pk,
        access_key=access_key.public_id,
    )
    return Person(user, actor, account, access_key, secret)


@pytest.fixture
def at() -> datetime:
    """A Monday morning, business time, for services called directly."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def owner(db: None) -> Person:
    return make_owner("owner@example.com", "Example Ltd")


@pytest.fixture
def account(owner: Person) -> Account:
    assert owner.account is not None
    return owner.account


@pytest.fixture
def colleague(account: Account) -> Person:
    return make_member(account, "colleague@example.com", AccountRole.MEMBER)


@pytest.fixture
def reader(account: Account) -> Person:
    return make_member(account, "reader@example.com", AccountRole.READ_ONLY)


@pytest.fixture
def stranger(db: None) -> Person:
    return make_owner("stranger@example.net", "Elsewhere Inc")


@pytest.fixture
def reviewer(db: None) -> Person:
    return make_operator("reviewer@hanaper.example", StaffRole.REVIEWER)


@pytest.fixture
def finance(db: None) -> Person:
    return make_operator("finance@hanaper.example", StaffRole.FINANCE)


@pytest.fixture
def administrator(db: None) -> Person:
    return make_operator("administrator@hanaper.example", StaffRole.ADMINISTRATOR)


@pytest.fixture
def nobody(db: None) -> Rest:
    return Rest()
