"""What clients of certificates ask for: CRLs, CA certificates, OCSP, and whether all is well.

Lists and certificates are served from files, so that a look at them costs no query and outlives a database
that is down (RFC 5280 4.2.1.13 and 4.2.2.1 name the addresses; RFC 2585 the types). No session is touched: no
cookie, no `Vary`.
"""

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from hanaper import clock
from hanaper.faces.status import metrics as figures
from hanaper.faces.status.health import health
from hanaper.faces.status.ocsp import respond
from hanaper.storage.ids import ALPHABET, LENGTH

CRL, CERTIFICATE = "application/pkix-crl", "application/pkix-cert"
# A list goes out at once on a revocation: caches must not keep the one before for long.
CRL_SECONDS, CERTIFICATE_SECONDS = 300, 86_400

_ID = re.compile(rf"ca_[{ALPHABET}]{{{LENGTH}}}")
_LIST = re.compile(rf"{_ID.pattern}(?:-[0-9]{{1,2}})?(?:-delta)?")


def crl(request: HttpRequest, name: str) -> HttpResponseBase:
    """The newest list of an authority or one of its shards, complete or delta; DER (RFC 2585 section 3)."""
    if not _LIST.fullmatch(name):
        return _refuse_method(request) or _not_found(request)
    return _file(request, "crl", name + ".crl", CRL, CRL_SECONDS)


def certificate(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The certificate of an authority, DER (RFC 2585 section 3)."""
    if not _ID.fullmatch(public_id):
        return _refuse_method(request) or _not_found(request)
    return _file(request, "ca", public_id + ".cer", CERTIFICATE, CERTIFICATE_SECONDS)


def ocsp(request: HttpRequest, public_id: str, encoded: str = "") -> HttpResponseBase:
    """What a responder says."""
    refused = _refuse_method(request, "GET", "HEAD", "POST")
    if refused is not None:
        return refused
    response = respond(request, public_id, encoded) if _ID.fullmatch(public_id) else None
    if response is None:
        return _not_found(request)
    return _without_body(response) if request.method == "HEAD" else response


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


def metrics(request: HttpRequest) -> HttpResponseBase:
    """Figures for Prometheus; whoever may not read them learns not even that they are there."""
    refused = _refuse_method(request)
    if refused is not None:
        return refused
    if not figures.may_read(request):
        return _not_found(request)
    response = HttpResponse(figures.metrics(clock.system_now()), content_type=figures.CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return _without_body(response) if request.method == "HEAD" else response


def _file(request: HttpRequest, folder: str, name: str, kind: str, seconds: int) -> HttpResponseBase:
    """`name` becomes part of a path: nothing but an id, with what may stand behind it, gets here."""
    refused = _refuse_method(request)
    if refused is not None:
        return refused
    path = Path(settings.PUBLISHED) / folder / name
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


def _refuse_method(request: HttpRequest, *allowed: str) -> HttpResponse | None:
    """By default only reading is allowed."""
    allowed = allowed or ("GET", "HEAD")
    if request.method in allowed:
        return None
    words = ", ".join(allowed)
    return HttpResponse(f"Only {words}.\n", status=405, content_type="text/plain", headers={"Allow": words})


def _not_found(request: HttpRequest) -> HttpResponseBase:
    response = HttpResponse("There is nothing here.\n", status=404, content_type="text/plain")
    # An authority may be made any moment.
    response["Cache-Control"] = "no-store"
    return _without_body(response) if request.method == "HEAD" else response


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    if not isinstance(response, HttpResponse) or response.status_code == 304:
        return response
    response["Content-Length"] = str(len(response.content))
    response.content = b""
    return response
