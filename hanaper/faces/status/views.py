"""What clients of certificates fetch without asking anybody: CRLs, CA certificates, and whether all is well.

Served from files, so that a status check costs no query and outlives a database that is down (RFC 5280
4.2.1.13 and 4.2.2.1 name the addresses; RFC 2585 the types). No session is touched: no cookie, no `Vary`.
"""

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from hanaper import clock
from hanaper.faces.status.health import health
from hanaper.storage.ids import ALPHABET, LENGTH

CRL, CERTIFICATE = "application/pkix-crl", "application/pkix-cert"
# A list goes out at once on a revocation: caches must not keep the one before for long.
CRL_SECONDS, CERTIFICATE_SECONDS = 300, 86_400

_ID = re.compile(rf"ca_[{ALPHABET}]{{{LENGTH}}}")


def crl(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The newest CRL of an authority, DER (RFC 2585 section 3)."""
    return _file(request, "crl", public_id, ".crl", CRL, CRL_SECONDS)


def certificate(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The certificate of an authority, DER (RFC 2585 section 3)."""
    return _file(request, "ca", public_id, ".cer", CERTIFICATE, CERTIFICATE_SECONDS)


def nothing(request: HttpRequest, rest: str = "") -> HttpResponseBase:  # noqa: ARG001
    """Every other address below ours: a plain 404, for those who ask here read no HTML."""
    return _refuse_method(request) or _not_found(request)


def healthz(request: HttpRequest) -> HttpResponseBase:
    """200 while everything works, else 503; for machines, and for everybody: it holds no secret."""
    refused = _refuse_method(request)
    if refused is not None:
        return refused
    found, well = health(clock.system_now())
    response = JsonResponse(found, status=200 if well else 503)
    response["Cache-Control"] = "no-store"
    return _without_body(response) if request.method == "HEAD" else response


def _file(
    request: HttpRequest, folder: str, public_id: str, ending: str, kind: str, seconds: int
) -> HttpResponseBase:
    refused = _refuse_method(request)
    if refused is not None:
        return refused
    # The id becomes part of a path: nothing but an id gets that far.
    if not _ID.fullmatch(public_id):
        return _not_found(request)
    path = Path(settings.PUBLISHED) / folder / (public_id + ending)
    try:
        # One handle: the file may be replaced between two looks by name.
        with path.open("rb") as file:
            body = file.read()
            modified = int(path.stat().st_mtime)
    except OSError:
        return _not_found(request)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=kind)
    response["ETag"], response["Last-Modified"] = etag, http_date(modified)
    response["Cache-Control"] = f"public, max-age={seconds}"
    conditional = get_conditional_response(request, etag, modified, response)
    if conditional is not response and conditional is not None:
        conditional["Cache-Control"] = response["Cache-Control"]  # RFC 9110 15.4.5
        return conditional
    return _without_body(response) if request.method == "HEAD" else response


def _refuse_method(request: HttpRequest) -> HttpResponse | None:
    if request.method in ("GET", "HEAD"):
        return None
    return HttpResponse(
        "Only GET and HEAD.\n", status=405, content_type="text/plain", headers={"Allow": "GET, HEAD"}
    )


def _not_found(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("There is nothing here.\n", status=404, content_type="text/plain")
    # An authority may be made any moment.
    response["Cache-Control"] = "no-store"
    return _without_body(response) if request.method == "HEAD" else response


def _without_body(response: HttpResponse) -> HttpResponse:
    response["Content-Length"] = str(len(response.content))
    response.content = b""
    return response
