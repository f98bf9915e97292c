"""The addresses in certificates are served apart, by the views alone."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import set_urlconf

from hanaper.processes.status_apart import apart


@pytest.fixture(autouse=True)
def as_in_a_client() -> Iterator[None]:
    """As Django's own test client has it: the end of a request closes no connection, nor a test's transaction.
    And whoever comes next in this thread finds the addresses of all faces."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    set_urlconf(None)


def ask(path: str, method: str = "GET", body: bytes = b"") -> tuple[str, dict[str, str], bytes]:
    def others(_: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Served", "otherwise")])
        return [b"otherwise"]

    said: list[Any] = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SERVER_NAME": "x", "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(body)),
        "HTTP_COOKIE": "sessionid=x",
    }  # fmt: skip
    content = b"".join(apart(others)(environ, lambda *given: said.append(given)))
    return said[0][0], dict(said[0][1]), content


@pytest.mark.django_db
def test_what_is_in_certificates_is_served_by_its_view_alone(issuing: Any) -> None:
    status, headers, content = ask(f"/ca/{issuing.public_id}.cer")
    assert (status, content) == ("200 OK", bytes(issuing.certificate))
    assert (
        headers["Content-Length"] == str(len(content)) and headers["Content-Type"] == "application/pkix-cert"
    )
    assert set(headers) == {"Content-Length", "Content-Type", "ETag", "Last-Modified", "Cache-Control"}
    status, headers, content = ask(f"/ocsp/{issuing.public_id}", "POST", b"junk")
    assert (status, content) == ("200 OK", b"\x30\x03\x0a\x01\x01")
    assert headers["Content-Length"] == "5"
    assert ask("/crl/nothing")[0] == "404 Not Found"
    assert ask("/ocsp/x", "PUT")[0] == "405 Method Not Allowed"


@pytest.mark.parametrize("path", ["/", "/crl", "/healthz", "/api/v1/private-cas", "/x/crl/"])
def test_everything_else_goes_its_way(path: str) -> None:
    assert ask(path) == ("200 OK", {"Served": "otherwise"}, b"otherwise")
