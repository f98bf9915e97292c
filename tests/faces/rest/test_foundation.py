"""What every address of the API has in common."""

import json
import re

import pytest
from django.test import Client

from hanaper.faces.rest import problems
from hanaper.faces.rest.api import api

pytestmark = pytest.mark.django_db

# Asked by POST because the question is long, or holds a passphrase.
CHANGES_NOTHING = {"/api/v1/quotes", "/api/v1/certificate-batches/{batch}/certificates.zip"}
KEYS = {"code", "message", "clause", "field", "faults", "next_steps", "details", "request_id"}


def check_problem(response, status: int, code: str) -> dict:
    assert response.status_code == status, response.content
    error = response.json()["error"]
    assert set(error) == KEYS and error["code"] == code
    assert error["message"]
    assert error["request_id"] == response["X-Request-Id"]
    return error


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/", "/api/", "/api/v2/orders", "/api/v1/me/"])
def test_an_unknown_address_is_a_problem_too(nobody, address):
    check_problem(nobody.client.get(address), 404, "unknown_address")
    stranger = Client(enforce_csrf_checks=True)
    check_problem(stranger.post(address, {}, content_type="application/json"), 404, "unknown_address")


def test_an_unknown_method_is_a_problem_too(owner):
    response = owner.rest.delete("/me")
    check_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1,", b"\xff\xfe", b'{"by": NaN}', b'{"by": "1d", "by": "2d"}',
     b'{"by": "\\u0000"}', b'{"by": "\\ud800"}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_not_json_is_told_so(administrator, body):
    response = administrator.rest.client.post(
        "/api/v1/operator/clock",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {administrator.secret}"},
    )
    check_problem(response, 400, "malformed_json")


def test_every_fault_of_the_input_is_named_at_once(owner):
    error = check_problem(owner.rest.post("/account/members", {"role": "king"}), 422, "invalid_input")
    assert {fault["field"] for fault in error["faults"]} == {"email", "role"}


def test_a_body_too_large_is_refused(owner):
    response = owner.rest.post("/access-keys", {"name": "x" * 1_000_001})
    check_problem(response, 413, "body_too_large")


def test_a_body_without_its_length_is_not_taken_for_none(owner):
    response = owner.rest.client.generic(
        "POST",
        "/api/v1/access-keys",
        headers={"Authorization": f"Bearer {owner.secret}", "Transfer-Encoding": "chunked"},
    )
    check_problem(response, 411, "length_required")


def test_zero_bytes_are_refused_before_they_meet_a_database(owner):
    check_problem(owner.rest.client.get("/api/v1/audit?target=%00"), 400, "bad_request")
    check_problem(owner.rest.client.get("/api/v1/operator/accounts/%00"), 404, "unknown_address")


def test_what_breaks_tells_nothing(owner, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("hanaper.faces.rest.accounts.own_account", broken)
    response = owner.rest.get("/account")
    check_problem(response, 500, "internal_error")
    assert b"hunter2" not in response.content
    assert response["X-Request-Id"] in caplog.text


def test_what_breaks_before_the_routes_is_a_problem_too(nobody, monkeypatch):
    monkeypatch.setattr("django.urls.resolvers.URLResolver.resolve", lambda *_: 1 / 0)
    check_problem(nobody.get("/system"), 500, "internal_error")


def test_answers_say_that_this_is_a_sandbox(nobody, settings):
    assert nobody.get("/system")["X-Hanaper-Sandbox"] == "true"
    assert nobody.get("/nothing")["X-Hanaper-Sandbox"] == "true"
    settings.SANDBOX = False
    assert "X-Hanaper-Sandbox" not in nobody.get("/system")


def test_no_other_site_may_read_answers(nobody):
    response = nobody.get("/system", Origin="https://elsewhere.example")
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_each_request_has_an_id_of_its_own(nobody):
    first, second = (nobody.get("/system")["X-Request-Id"] for _ in range(2))
    assert first != second and re.fullmatch("req_[0-9a-f]{32}", first)


def test_a_session_gives_no_access(owner):
    owner.rest.client.force_login(owner.user)
    response = owner.rest.client.get("/api/v1/me")
    check_problem(response, 401, "access_key_required")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_the_documentation_needs_nobody_else(nobody):
    page = nobody.client.get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert "/static/ninja/" in text


def test_the_description_is_complete():
    schema = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    for address, methods in schema["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {address}"
            assert operation["tags"], where
            assert operation["summary"], where
            for status in ("401", "404", "422", "500"):
                assert operation["responses"][status]["content"]["application/json"]["schema"] == {
                    "$ref": "#/components/schemas/Problem"
                }, where
            if address != "/api/v1/system":
                assert operation["security"] == [{"AccessKeyAuth": []}], where
            if method != "get" and address not in CHANGES_NOTHING:
                names = [parameter["name"] for parameter in operation["parameters"]]
                assert "Idempotency-Key" in names, where
    assert schema["components"]["securitySchemes"]["AccessKeyAuth"]["scheme"] == "bearer"


def test_the_problem_that_is_declared_is_the_one_that_is_sent(nobody):
    problems.Problem.model_validate(nobody.get("/nothing").json())


def test_a_field_that_nobody_reads_is_told(owner):
    """A misspelt `voucher` would otherwise be lost, and paid for."""
    answer = owner.rest.post("/access-keys", {"name": "ci", "expires": "2027-01-01"})
    (fault,) = answer.json()["error"]["faults"]
    assert (answer.status_code, fault["field"], fault["code"]) == (422, "expires", "extra_forbidden")
