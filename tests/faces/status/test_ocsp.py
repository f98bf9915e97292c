"""The address of responders: GET and POST, what caches may keep, and that nobody is asked who is there."""

import base64
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.x509 import ocsp
from django.test import Client

from hanaper import clock
from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.authority.services import revoke
from hanaper.core.x509.crl import RevocationReason
from tests.apps.authority.test_private_authorities import issued, made
from tests.fixtures_ocsp import *  # noqa: F403 - its fixtures
from tests.fixtures_ocsp import question

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture
def issuance(published: Path, no_full_lint: None) -> Issuance:
    now = clock.now() - timedelta(minutes=1)
    return issued(made(now, ocsp=True), now)


def by_get(encoded: bytes, authority: Authority) -> str:
    return f"/ocsp/{authority.public_id}/{quote(base64.b64encode(encoded).decode(), safe='')}"


def test_the_address_in_certificates_is_this(issuance: Issuance) -> None:
    assert issuance.authority.ocsp_address.endswith(f"/ocsp/{issuance.authority.public_id}")


@pytest.mark.parametrize("escaped", [True, False])
def test_get_and_post_say_the_same(client: Client, issuance: Issuance, escaped: bool) -> None:
    encoded = question(issuance.authority, [issuance.serial])
    path = by_get(encoded, issuance.authority)
    if not escaped:  # clients that send base64 as it is (RFC 6960 A.1 asks them not to)
        path = f"/ocsp/{issuance.authority.public_id}/{base64.b64encode(encoded).decode()}"
    got = client.get(path)
    posted = client.post(
        f"/ocsp/{issuance.authority.public_id}", encoded, content_type="application/ocsp-request"
    )
    assert got.status_code == posted.status_code == 200
    assert got["Content-Type"] == posted["Content-Type"] == "application/ocsp-response"
    assert got.content == posted.content
    assert ocsp.load_der_ocsp_response(got.content).certificate_status.name == "GOOD"
    assert posted["Cache-Control"] == "no-store"


def test_caches_are_told_how_long(client: Client, issuance: Issuance) -> None:
    """RFC 9919 section 7.2."""
    path = by_get(question(issuance.authority, [issuance.serial]), issuance.authority)
    got = client.get(path)
    response = ocsp.load_der_ocsp_response(got.content)

    def moment(name: str) -> datetime:
        return datetime.strptime(got[name], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=clock.now().tzinfo)

    assert moment("Last-Modified") == response.this_update_utc
    assert moment("Expires") == response.next_update_utc
    assert got["Cache-Control"] == "max-age=300, public, no-transform, must-revalidate"
    assert not got.cookies and "Cookie" not in got.get("Vary", "")
    for headers in ({"If-None-Match": got["ETag"]}, {"If-Modified-Since": got["Last-Modified"]}):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert (again["Expires"], again["Cache-Control"]) == (got["Expires"], got["Cache-Control"])
    head = client.head(path)
    assert (head.content, head["Content-Length"]) == (b"", str(len(got.content)))
    revoke(issuance, RevocationReason.SUPERSEDED, at=clock.now())
    after = client.get(path, headers={"If-None-Match": got["ETag"]})
    assert ocsp.load_der_ocsp_response(after.content).certificate_status.name == "REVOKED"


@pytest.mark.parametrize("more", [{"nonce": b"n" * 32}, {"serial": "0A"}, {"junk": True}])
def test_what_no_cache_may_keep(client: Client, issuance: Issuance, more: dict[str, object]) -> None:
    serial = more.pop("serial", issuance.serial)
    encoded = b"junk" if more.pop("junk", False) else question(issuance.authority, [serial], **more)  # type: ignore[arg-type,list-item]
    got = client.get(by_get(encoded, issuance.authority))
    assert (got.status_code, got["Cache-Control"]) == (200, "no-store") and "Expires" not in got


@pytest.mark.parametrize(
    "path", ["", "/", "/!", "/!!!", "/a/b", "/%C3%BC", "/a%0Ab", "/" + "A" * 13000, "/%00"]
)
def test_what_is_no_request(client: Client, issuance: Issuance, path: str) -> None:
    got = client.get(f"/ocsp/{issuance.authority.public_id}{path}")
    status = ocsp.load_der_ocsp_response(got.content).response_status
    assert status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_a_body_too_long_is_not_read_to_its_end(client: Client, issuance: Issuance) -> None:
    path = f"/ocsp/{issuance.authority.public_id}"
    got = client.post(path, b"0" * 1_000_000, content_type="application/ocsp-request")
    assert ocsp.load_der_ocsp_response(got.content).response_status.name == "MALFORMED_REQUEST"


def test_of_no_authority(client: Client, issuance: Issuance) -> None:
    for name in ("ca_" + "0" * 24, "x"):
        got = client.post(f"/ocsp/{name}", b"", content_type="application/ocsp-request")
        assert (got.status_code, got["Content-Type"]) == (404, "text/plain")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_only_get_head_and_post(client: Client, issuance: Issuance, method: str) -> None:
    got = getattr(client, method)(f"/ocsp/{issuance.authority.public_id}")
    assert (got.status_code, got["Allow"]) == (405, "GET, HEAD, POST")


def test_a_kept_answer_costs_few_queries(
    client: Client, issuance: Issuance, django_assert_max_num_queries: object
) -> None:
    path = by_get(question(issuance.authority, [issuance.serial]), issuance.authority)
    client.get(path)
    with django_assert_max_num_queries(2):  # the answer with the truth, and the sandbox's clock  # type: ignore[operator]
        assert client.get(path).status_code == 200


def test_one_signed_on_the_spot_costs_few_queries(
    client: Client, issuance: Issuance, django_assert_num_queries: object
) -> None:
    path = f"/ocsp/{issuance.authority.public_id}"
    asked = question(issuance.authority, [issuance.serial], nonce=b"n" * 32)
    client.post(path, asked, content_type="application/ocsp-request")
    with django_assert_num_queries(4):  # the clock, whether we recover, the responder, the truth  # type: ignore[operator]
        answered = client.post(path, asked, content_type="application/ocsp-request")
    assert ocsp.load_der_ocsp_response(answered.content).certificate_status.name == "GOOD"
