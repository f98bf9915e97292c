"""Certificates over REST: the whole way, and the walls of every address and of every id in a body."""

import base64
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import creating, people
from hanaper.apps.certificates.sweep import sweep
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = pytest.mark.django_db

DV, OV = "hanaper-dv-single-1y", "hanaper-ov-single-1y"


@pytest.fixture
def at() -> Any:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture(autouse=True)
def builtin_ca(at, settings, catalogue):
    settings.STATUS_URL = "http://status.example.com"
    ensure_builtin_ca(at - timedelta(days=1))


@pytest.fixture
def work():
    reached = [clock.system_now()]

    def run(rounds: int = 4) -> None:
        for _ in range(rounds):
            reached[0] += timedelta(hours=2)
            sweep(clock.now(), reached[0])

    return run


def ok(answer, status=200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json() if status != 204 else None


def error(answer, status, code) -> Any:
    assert answer.status_code == status, answer.content
    found = answer.json()["error"]
    assert found["code"] == code, found
    return found


def contact_of(person: Person, at) -> str:
    fields = {"name": "Ada", "email": "ada@example.com", "id_number": "X12345678"}
    return people.create_contact(person.actor, person.account, fields=fields, at=at).public_id


def company_of(person: Person, at) -> str:
    fields = {"organization": "Example Ltd", "country": "GB", "locality": "London"}
    return people.create_company(person.actor, person.account, fields=fields, at=at).public_id


def pending_of(person: Person, at, product=DV) -> Certificate:
    order = buy(person, product, at=at)
    return creating.create(person.actor, creating.line_of(order, None), at=at)


def publish(name_server, detail) -> None:
    for check in detail["applications"][0]["checks"]:
        assert check["place"].startswith("_hanaper-challenge.")
        name_server.records.setdefault((check["place"], "TXT"), []).append(check["value"])


def test_the_whole_way(owner, reviewer, name_server, work, at):
    rest = owner.rest
    contact = ok(rest.post("/contacts", {"name": "Ada", "email": "ada@example.com"}), 201)["id"]
    order = buy(owner, DV, at=at)
    made = ok(rest.post("/certificates", {"order": order.public_id}, key="c1"), 201)
    again = rest.post("/certificates", {"order": order.public_id}, key="c1")
    assert ok(again, 201)["id"] == made["id"] and again["Idempotent-Replayed"] == "true"
    assert made["state_label"] == "Pending Application" and "apply" in made["actions"]
    path = f"/certificates/{made['id']}"
    error(rest.post("/certificates", {"order": order.public_id}), 409, "quota_used_up")

    ok(rest.put(f"{path}/form", {"domains": ["shop.example.com"]}))
    wrong = error(rest.post(f"{path}/apply", {}), 422, "contact_missing")
    assert wrong["field"] == "contact" and wrong["clause"] == "R11"
    applied = ok(rest.post(f"{path}/apply", {"contact": contact, "key_algorithm": "ec-p384"}))
    assert applied["state"] == "validating_application"
    ok(rest.post(f"{path}/recheck"))
    work(1)
    seen = ok(rest.get(path))["applications"][0]["checks"][0]["seen"]
    assert seen["problem"] == "no_such_name"
    publish(name_server, applied)
    work()
    issued = ok(rest.get(path))
    assert issued["state"] == "issued" and len(issued["issuances"]) == 1
    assert [entry["action"] for entry in issued["timeline"]] == [
        "certificate.created", "certificate.form_saved", "certificate.applied", "domain.checked",
        "certificate.issued",
    ]  # fmt: skip

    pem = ok(rest.get(f"{path}/download", {"part": "leaf"}))["pem"]
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip().lower().endswith(issued["serial"])
    for search in (issued["serial"], "shop.example", "SHOP"):
        assert [one["id"] for one in ok(rest.get("/certificates", {"search": search}))["items"]] == [
            made["id"]
        ]
    assert ok(rest.get("/certificates", {"search": "other"}))["items"] == []
    assert ok(rest.get("/certificates", {"state": "revoked"}))["items"] == []
    error(rest.get("/certificates", {"state": "nonsense"}), 422, "unknown_state")

    key = ok(rest.post(f"{path}/key", {}, key="k1"))
    assert "BEGIN PRIVATE KEY" in key["pem"]
    error(rest.post(f"{path}/key", {}, key="k1"), 409, "idempotency_answer_not_kept")
    error(rest.post(f"{path}/key", {}), 409, "key_given_out")
    bundle = ok(rest.post(f"{path}/key", {"passphrase": "correct horse battery", "format": "pkcs12"}))
    assert bundle["pem"] is None and base64.b64decode(bundle["content_base64"])

    warned = ok(rest.post(f"{path}/revoke/prepare"))
    assert warned["orders"][0]["closes_at"] and "cannot be restored" in warned["warning"]
    error(rest.post(f"{path}/revoke/confirm", {"confirmation": "x"}), 422, "confirmation_invalid")
    asked = ok(rest.post(f"{path}/revoke/confirm", {"confirmation": warned["confirmation"]}))
    (queued,) = ok(reviewer.rest.get("/operator/reviews/revocations"))["items"]
    assert queued["id"] == asked["id"] and queued["overdue"] is False
    ok(reviewer.rest.post(f"/operator/reviews/revocations/{asked['id']}/approve"))
    work()
    assert ok(rest.get(path))["state"] == "revoked"
    (found,) = ok(reviewer.rest.get("/operator/certificates", {"search": issued["serial"]}))["items"]
    assert found["id"] == made["id"] and found["account"] == owner.account.public_id


@pytest.fixture
def scene(owner, reviewer, name_server, work, at):
    """One certificate of the owner's in each state that an address needs, and a review of each sort."""
    contact, company = contact_of(owner, at), company_of(owner, at)

    def applied(product=DV, **fields):
        one = pending_of(owner, at, product)
        form = {"domains": ["shop.example.com"], "contact": contact, **fields}
        publish(name_server, ok(owner.rest.post(f"/certificates/{one.public_id}/apply", form)))
        return one.public_id

    issued, revoking, reviewing = applied(), applied(), applied(OV, company=company)
    work()
    warned = ok(owner.rest.post(f"/certificates/{revoking}/revoke/prepare"))
    token = {"confirmation": warned["confirmation"]}
    revocation = ok(owner.rest.post(f"/certificates/{revoking}/revoke/confirm", token))["id"]
    application = ok(owner.rest.get(f"/certificates/{reviewing}"))["applications"][0]["id"]
    name_server.records.clear()
    return {
        "contact": contact,
        "company": company,
        "order": buy(owner, DV, at=at).public_id,
        "pending": pending_of(owner, at).public_id,
        "other": pending_of(owner, at).public_id,
        "pending_ov": pending_of(owner, at, OV).public_id,
        "validating": _validating(owner, at, contact),
        "issued": issued,
        "application": application,
        "revocation": revocation,
    }


def _validating(person, at, contact):
    one = pending_of(person, at)
    form = {"domains": ["new.example.com"], "contact": contact}
    ok(person.rest.post(f"/certificates/{one.public_id}/apply", form))
    return one.public_id


FORM = {"domains": ["shop.example.com"], "contact": "{contact}"}
BAD = {"confirmation": "x"}
OWN = (401, 200, 200, 200, 404, 403, 403)  # whoever may read
CHANGE = (401, 200, 200, 403, 404, 403, 403)  # whoever may write
REVIEW = (401, 403, 403, 403, 403, 200, 403)
WHO = ("nobody", "owner", "colleague", "reader", "stranger", "reviewer", "finance")
WALLS = [
    ("get", "/contacts", None, (401, 200, 200, 200, 200, 403, 403)),
    ("get", "/contacts/{contact}", None, OWN),
    ("patch", "/contacts/{contact}", {"phone": "1"}, CHANGE),
    ("delete", "/contacts/{contact}", None, (401, 204, 204, 403, 404, 403, 403)),
    ("get", "/companies", None, (401, 200, 200, 200, 200, 403, 403)),
    ("get", "/companies/{company}", None, OWN),
    ("patch", "/companies/{company}", {"state": "Kent"}, CHANGE),
    ("delete", "/companies/{company}", None, (401, 204, 204, 403, 404, 403, 403)),
    ("post", "/contacts", {"name": "B", "email": "b@example.com"}, (401, 201, 201, 403, 201, 403, 403)),
    (
        "post",
        "/companies",
        {"organization": "B Ltd", "country": "GB", "locality": "B"},
        (401, 201, 201, 403, 201, 403, 403),
    ),
    ("get", "/certificates", None, (401, 200, 200, 200, 200, 403, 403)),
    ("post", "/certificates", {"order": "{order}"}, (401, 201, 201, 403, 404, 403, 403)),
    ("get", "/certificates/{pending}", None, OWN),
    ("patch", "/certificates/{pending}", {"auto_reissue": False}, CHANGE),
    ("put", "/certificates/{pending}/form", FORM, CHANGE),
    ("post", "/certificates/{pending}/apply", FORM, CHANGE),
    ("post", "/certificates/{pending_ov}/apply", {**FORM, "company": "{company}"}, CHANGE),
    ("post", "/certificates/{pending}/cancel-apply", None, CHANGE),
    ("post", "/certificates/{validating}/withdraw", None, CHANGE),
    ("post", "/certificates/{validating}/recheck", None, CHANGE),
    ("post", "/certificates/{pending}/cancel/prepare", None, (401, 409, 409, 403, 404, 403, 403)),
    ("post", "/certificates/{pending}/cancel/confirm", BAD, (401, 409, 409, 403, 404, 403, 403)),
    ("post", "/certificates/{issued}/revoke/prepare", None, CHANGE),
    ("post", "/certificates/{issued}/revoke/confirm", BAD, (401, 422, 422, 403, 404, 403, 403)),
    ("post", "/certificates/{issued}/renew", {}, (401, 201, 201, 403, 404, 403, 403)),
    ("post", "/certificates/{issued}/reissue", {}, CHANGE),
    ("get", "/certificates/{issued}/download", None, OWN),
    ("post", "/certificates/{issued}/key", {}, CHANGE),
    ("post", "/certificates/combine/prepare", {"certificates": ["{pending}", "{other}"]}, CHANGE),
    (
        "post",
        "/certificates/combine/confirm",
        {"certificates": ["{pending}", "{other}"], **BAD},
        (401, 422, 422, 403, 404, 403, 403),
    ),
    ("get", "/operator/certificates", None, (401, 403, 403, 403, 403, 200, 200)),
    ("get", "/operator/certificates/{issued}", None, (401, 403, 403, 403, 403, 200, 200)),
    ("post", "/operator/certificates/{issued}/revoke/prepare", None, REVIEW),
    (
        "post",
        "/operator/certificates/{issued}/revoke/confirm",
        {**BAD, "text": "cause"},
        (401, 403, 403, 403, 403, 422, 403),
    ),
    ("get", "/operator/reviews/applications", None, REVIEW),
    ("get", "/operator/reviews/applications/{application}", None, REVIEW),
    ("post", "/operator/reviews/applications/{application}/approve", None, REVIEW),
    ("post", "/operator/reviews/applications/{application}/refuse", {"reason": "no"}, REVIEW),
    ("get", "/operator/reviews/revocations", None, REVIEW),
    ("get", "/operator/reviews/revocations/{revocation}", None, REVIEW),
    ("post", "/operator/reviews/revocations/{revocation}/approve", None, REVIEW),
    ("post", "/operator/reviews/revocations/{revocation}/refuse", {"reason": "no"}, REVIEW),
]


def filled(value, ids):
    if isinstance(value, str):
        return value.format(**ids)
    if isinstance(value, dict):
        return {name: filled(item, ids) for name, item in value.items()}
    return [filled(item, ids) for item in value] if isinstance(value, list) else value


def test_walls(scene, nobody, owner, colleague, reader, stranger, reviewer, finance, subtests):
    people_at_the_door = {
        "nobody": nobody, "reader": reader.rest, "stranger": stranger.rest, "finance": finance.rest,
        "owner": owner.rest, "colleague": colleague.rest, "reviewer": reviewer.rest,
    }  # fmt: skip
    for method, address, body, statuses in WALLS:
        # Every row meets the same scene.
        with subtests.test(f"{method} {address}"), transaction.atomic():
            _ask_everybody(people_at_the_door, scene, method, address, body, statuses)
            transaction.set_rollback(True)


def _ask_everybody(people_at_the_door, scene, method, address, body, statuses):
    """Those who are refused come first, and must have changed nothing for those who are not."""
    wanted = dict(zip(WHO, statuses, strict=True))
    first_in = next((name for name in WHO if wanted[name] < 300), None)
    for name in sorted(WHO, key=lambda name: wanted[name] < 300):
        if wanted[name] < 300 and name != first_in:
            continue  # most can be done once; `colleague` has a test of their own
        send = getattr(people_at_the_door[name], method)
        path = address.format(**scene)
        answer = send(path) if body is None else send(path, filled(body, scene))
        assert answer.status_code == wanted[name], (name, answer.content)


def test_a_colleague_may_do_what_the_owner_may(colleague, scene):
    ok(colleague.rest.post(f"/certificates/{scene['pending']}/cancel-apply"))
    ok(colleague.rest.post(f"/certificates/{scene['validating']}/withdraw"))
    ok(colleague.rest.post(f"/certificates/{scene['issued']}/revoke/prepare"))


def test_lists_show_ones_own_only(scene, owner, stranger, at):
    theirs = pending_of(stranger, at).public_id
    contact_of(stranger, at)
    shown = {one["id"] for one in ok(owner.rest.get("/certificates"))["items"]}
    assert theirs not in shown and scene["pending"] in shown
    assert [one["id"] for one in ok(stranger.rest.get("/certificates"))["items"]] == [theirs]
    assert len(ok(stranger.rest.get("/contacts"))["items"]) == 1
    assert ok(stranger.rest.get("/companies"))["items"] == []
    assert ok(stranger.rest.get("/certificates", {"search": "shop.example.com"}))["items"] == []


def test_ids_of_others_in_every_field(scene, owner, stranger, at):
    theirs = {
        "contact": contact_of(stranger, at),
        "company": company_of(stranger, at),
        "certificate": pending_of(stranger, at).public_id,
    }
    order = buy(stranger, DV, at=at)
    path = f"/certificates/{scene['pending']}"
    form = {"domains": ["shop.example.com"], "contact": theirs["contact"]}
    error(owner.rest.post(f"{path}/apply", form), 422, "contact_not_found")
    ov = pending_of(owner, at, OV).public_id
    form = {"domains": ["shop.example.com"], "contact": scene["contact"], "company": theirs["company"]}
    error(owner.rest.post(f"/certificates/{ov}/apply", form), 422, "company_not_found")
    error(owner.rest.post("/certificates", {"order": order.public_id}), 404, "order_not_found")
    line = order.lines.get().public_id
    body = {"order": scene["order"], "line": line}
    error(owner.rest.post("/certificates", body), 422, "line_not_found")
    both = {"certificates": [scene["pending"], theirs["certificate"]]}
    error(owner.rest.post("/certificates/combine/prepare", both), 404, "certificate_not_found")
    # A confirmation of theirs is none of ours.
    warned = ok(owner.rest.post(f"/certificates/{scene['issued']}/revoke/prepare"))
    token = {"confirmation": warned["confirmation"]}
    other = f"/certificates/{theirs['certificate']}/revoke/confirm"
    error(owner.rest.post(other, token), 404, "certificate_not_found")


HOSTILE = {
    "csr_not_pem": "hello",
    "csr_private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    "csr_malformed": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    "csr_too_large": "-----BEGIN CERTIFICATE REQUEST-----\n" + "A" * 17_000,
}


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_requests_are_refused_by_name(scene, owner, code):
    path = f"/certificates/{scene['pending']}"
    form = {"domains": ["shop.example.com"], "contact": scene["contact"], "csr": HOSTILE[code]}
    refused = error(owner.rest.post(f"{path}/apply", form), 422, code)
    assert refused["field"] == "csr"
    # What was refused is kept nowhere, least of all a private key.
    detail = ok(owner.rest.get(path))
    assert detail["state"] == "pending_application" and "csr" not in detail["form"]


def test_an_id_number_is_not_shown_again(owner, scene):
    shown = ok(owner.rest.get(f"/contacts/{scene['contact']}"))
    assert shown["has_id_number"] and shown["id_number_ends_in"] == "5678"
    assert "X12345678" not in str(ok(owner.rest.get("/contacts")))


def test_lists_ask_the_database_a_fixed_number_of_times(
    scene, owner, reviewer, at, django_assert_max_num_queries
):
    for _ in range(3):
        pending_of(owner, at)
    with django_assert_max_num_queries(8):
        assert len(ok(owner.rest.get("/certificates"))["items"]) > 5
    with django_assert_max_num_queries(8):
        ok(reviewer.rest.get("/operator/reviews/applications"))
    with django_assert_max_num_queries(20):
        ok(owner.rest.get(f"/certificates/{scene['issued']}"))
