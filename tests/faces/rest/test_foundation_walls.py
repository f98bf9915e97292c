"""Every address of accounts, audit and notices, with every kind of person at the door."""

import pytest
from django.db import transaction

from hanaper.apps.audit.services import record, seal_pending
from hanaper.apps.events.services import emit
from hanaper.apps.events.sweep import deliver
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.webhooks import services as webhooks
from hanaper.clock import system_now
from tests.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(owner, colleague, reader, stranger, reviewer, administrator, nobody):
    clients = {"nobody": nobody}
    named = {
        "owner": owner,
        "colleague": colleague,
        "reader": reader,
        "stranger": stranger,
        "reviewer": reviewer,
        "administrator": administrator,
    }
    return clients | {name: person.rest for name, person in named.items()}


@pytest.fixture
def notice(owner, at):
    def made(account_id):
        data = {"email": "x@example.com", "role": "member"}
        emit(
            EventKind.MEMBER_ADDED,
            account_id=account_id,
            subject="usr_x",
            at=at,
            dedupe=str(account_id),
            data=data,
        )
        deliver(system_now())

    made(owner.account.pk)
    made(None)


@pytest.fixture
def webhook(owner, at):
    """The owner's webhook and what is on its way there: their public ids."""
    made, _ = webhooks.create_endpoint(owner.actor, owner.account, url="https://hook.example.com/", at=at)
    return {
        "webhook": made.public_id,
        "delivery": webhooks.send_test(owner.actor, made, at=at).public_id,
    }


NEW = "new@example.com"
WHO = ("nobody", "owner", "colleague", "reader", "stranger", "reviewer", "administrator")
# (method, address, body): the status for each of WHO. {me} is the owner, {key} their key, {account} theirs.
WALLS = [
    ("get", "/system", None, (200, 200, 200, 200, 200, 200, 200)),
    ("get", "/me", None, (401, 200, 200, 200, 200, 200, 200)),
    ("get", "/clock", None, (401, 200, 200, 200, 200, 200, 200)),
    ("post", "/operator/clock", {"by": "1h"}, (401, 403, 403, 403, 403, 403, 200)),
    ("get", "/account", None, (401, 200, 200, 200, 200, 403, 403)),
    ("patch", "/account", {"name": "N"}, (401, 200, 403, 403, 200, 403, 403)),
    ("get", "/account/members", None, (401, 200, 200, 200, 200, 403, 403)),
    ("post", "/account/members", {"email": NEW, "role": "member"}, (401, 201, 403, 403, 201, 403, 403)),
    ("patch", "/account/members/{me}", {"role": "owner"}, (401, 200, 403, 403, 404, 403, 403)),
    ("delete", "/account/members/{me}", None, (401, 409, 403, 403, 404, 403, 403)),
    ("get", "/access-keys", None, (401, 200, 200, 200, 200, 200, 200)),
    ("post", "/access-keys", {"name": "ci"}, (401, 201, 403, 403, 201, 403, 201)),
    ("delete", "/access-keys/{key}", None, (401, 200, 404, 404, 404, 404, 404)),
    ("get", "/audit", None, (401, 200, 403, 403, 200, 403, 403)),
    ("get", "/operator/audit", None, (401, 403, 403, 403, 403, 200, 200)),
    ("get", "/operator/audit/verification", None, (401, 403, 403, 403, 403, 403, 200)),
    ("get", "/notices", None, (401, 200, 200, 200, 200, 403, 403)),
    ("post", "/notices/{notice}/read", None, (401, 200, 200, 403, 404, 403, 403)),
    ("post", "/notices/read", None, (401, 200, 200, 403, 200, 403, 403)),
    ("get", "/notice-preferences", None, (401, 200, 200, 200, 200, 200, 200)),
    ("put", "/notice-preferences/issued", {"email": True}, (401, 200, 200, 200, 200, 422, 422)),
    ("get", "/event-kinds", None, (401, 200, 200, 200, 200, 403, 403)),
    ("get", "/webhooks", None, (401, 200, 200, 200, 200, 403, 403)),
    ("post", "/webhooks", {"url": "https://hook.example.com/"}, (401, 201, 403, 403, 201, 403, 403)),
    ("get", "/webhooks/{webhook}", None, (401, 200, 200, 200, 404, 403, 403)),
    ("patch", "/webhooks/{webhook}", {"description": "N"}, (401, 200, 403, 403, 404, 403, 403)),
    ("delete", "/webhooks/{webhook}", None, (401, 204, 403, 403, 404, 403, 403)),
    ("post", "/webhooks/{webhook}/rotate-secret", None, (401, 200, 403, 403, 404, 403, 403)),
    ("post", "/webhooks/{webhook}/test", None, (401, 201, 403, 403, 404, 403, 403)),
    ("get", "/webhooks/{webhook}/deliveries", None, (401, 200, 200, 200, 404, 403, 403)),
    ("get", "/webhooks/{webhook}/deliveries/{delivery}", None, (401, 200, 200, 200, 404, 403, 403)),
    ("post", "/webhooks/{webhook}/deliveries/{delivery}/replay", None, (401, 200, 403, 403, 404, 403, 403)),
    ("get", "/operator/notices", None, (401, 403, 403, 403, 403, 200, 200)),
    ("post", "/operator/notices/{notice}/read", None, (401, 403, 403, 403, 403, 404, 404)),
    ("post", "/operator/notices/read", None, (401, 403, 403, 403, 403, 200, 200)),
    ("get", "/operator/accounts", None, (401, 403, 403, 403, 403, 200, 200)),
    ("post", "/operator/accounts", {"name": "N", "owner": NEW}, (401, 403, 403, 403, 403, 403, 201)),
    ("get", "/operator/accounts/{account}", None, (401, 403, 403, 403, 403, 200, 200)),
    ("get", "/operator/accounts/acc_none", None, (401, 403, 403, 403, 403, 404, 404)),
    ("get", "/operator/accounts/{account}/members", None, (401, 403, 403, 403, 403, 200, 200)),
    ("get", "/operator/staff", None, (401, 403, 403, 403, 403, 200, 200)),
    ("post", "/operator/staff", {"email": NEW, "role": "finance"}, (401, 403, 403, 403, 403, 403, 201)),
    ("delete", "/operator/staff/{me}/finance", None, (401, 403, 403, 403, 403, 403, 404)),
]  # fmt: skip


def test_walls(people, owner, notice, webhook, subtests):
    make_user(NEW)
    noted = owner.rest.get("/notices").json()["items"][0]["id"]
    things = {
        "me": owner.user.public_id,
        "key": owner.access_key.public_id,
        "account": owner.account.public_id,
        "notice": noted,
        **webhook,
    }
    for method, address, body, expected in WALLS:
        for name, status in zip(WHO, expected, strict=True):
            # Everybody meets the same data.
            with subtests.test(f"{name}: {method} {address}"), transaction.atomic():
                _ask(people[name], method, address.format(**things), body, status)
                transaction.set_rollback(True)


def _ask(client, method, address, body, status):
    send = getattr(client, method)
    response = send(address) if body is None else send(address, body)
    assert response.status_code == status, response.content
    if response.status_code >= 400:
        assert response.json()["error"]["request_id"] == response["X-Request-Id"]


def test_lists_show_what_is_ones_own(people, owner, stranger, colleague, administrator):
    def keys_of(client):
        return {key["id"] for key in client.get("/access-keys").json()["items"]}

    assert owner.access_key.public_id in keys_of(owner.rest) and colleague.access_key.public_id in keys_of(
        owner.rest
    )
    assert keys_of(colleague.rest) == {colleague.access_key.public_id}
    assert keys_of(stranger.rest) == {stranger.access_key.public_id}
    assert administrator.access_key.public_id in keys_of(administrator.rest)
    assert not keys_of(administrator.rest) & keys_of(owner.rest)
    assert len(owner.rest.get("/account/members").json()["items"]) == 3
    accounts = {account["id"] for account in administrator.rest.get("/operator/accounts").json()["items"]}
    assert accounts == {owner.account.public_id, stranger.account.public_id}


def test_the_audit_log_of_an_account_is_its_own(owner, stranger, reviewer, at):
    owner.rest.patch("/account", {"name": "Renamed"})
    seal_pending()
    mine = owner.rest.get("/audit").json()["items"]
    assert mine[0]["action"] == "account.renamed" and mine[0]["seal"]["position"] >= 1
    assert mine[0]["actor"]["access_key"] == owner.access_key.public_id
    assert mine[0]["actor"]["address"] == "127.0.0.1"
    assert mine[0]["before"] == {"name": "Example Ltd"} and mine[0]["after"] == {"name": "Renamed"}
    assert {entry["account"] for entry in mine} == {owner.account.public_id}
    theirs = stranger.rest.get("/audit").json()["items"]
    assert {entry["account"] for entry in theirs} == {stranger.account.public_id}
    everything = reviewer.rest.get("/operator/audit", {"limit": 200}).json()["items"]
    assert {entry["id"] for entry in mine + theirs} < {entry["id"] for entry in everything}


def test_the_audit_log_is_filtered_and_paged(owner, reviewer, at):
    for number in range(5):
        record(owner.actor, "account.renamed", f"acc_{number}", at=at.replace(hour=number))
    seen, cursor = [], None
    while True:
        page = owner.rest.get("/audit", {"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(owner.rest.get("/audit", {"limit": 200}).json()["items"])

    def targets(**filters):
        return [entry["target"] for entry in owner.rest.get("/audit", filters).json()["items"]]

    assert targets(target="acc_3") == ["acc_3"]
    assert targets(action="account.renamed", since="2026-03-02T02:00:00Z", until="2026-03-02T04:00:00Z") == [
        "acc_3",
        "acc_2",
    ]
    assert set(targets(action="access_key")) == {owner.access_key.public_id}
    assert targets(user="usr_nobody") == []
    for wrong in (
        {"cursor": "nonsense"},
        {"limit": 0},
        {"limit": 201},
        {"sort": "target"},
        {"since": "yesterday"},
    ):
        assert owner.rest.get("/audit", wrong).status_code == 422, wrong


def test_listing_costs_the_same_however_many(owner, at, django_assert_num_queries):
    for number in range(30):
        record(owner.actor, "account.renamed", f"acc_{number}", at=at)
    owner.rest.get("/me")
    with django_assert_num_queries(4):  # key, role, clock, the page
        assert len(owner.rest.get("/audit").json()["items"]) >= 30


def test_verification_over_rest(administrator, owner):
    seal_pending()
    report = administrator.rest.get("/operator/audit/verification").json()
    assert report["sound"] and report["head"]
    again = administrator.rest.get("/operator/audit/verification", {"head": report["head"]}).json()
    assert again["sound"]
    wrong = administrator.rest.get("/operator/audit/verification", {"head": "1:" + "0" * 64}).json()
    assert not wrong["sound"] and wrong["breaks"][0]["position"] == 1


def test_notices_are_read(owner, colleague, notice, at):
    (mine,) = owner.rest.get("/notices", {"unread": True}).json()["items"]
    assert mine["title"] == "x@example.com joined the account" and mine["read_at"] is None
    first = colleague.rest.post(f"/notices/{mine['id']}/read").json()["read_at"]
    assert first and owner.rest.post(f"/notices/{mine['id']}/read").json()["read_at"] == first
    assert owner.rest.get("/notices", {"unread": True}).json()["items"] == []
    assert owner.rest.post("/notices/read").json() == {"count": 0}
