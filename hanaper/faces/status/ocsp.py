"""The address of responders: GET and POST (RFC 6960 appendix A), with what caches may do (RFC 9919).

Nobody is asked who is there. Every answer, also that there is none, is an OCSP response.
"""

import base64
import binascii
import hashlib
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from hanaper import clock
from hanaper.apps.authority.services import answer
from hanaper.core.x509.ocsp_requests import LONGEST

RESPONSE = "application/ocsp-response"
# A revocation shows at once: caches must not keep the answer before it for long.
SECONDS = 300


def respond(request: HttpRequest, public_id: str, encoded: str) -> HttpResponseBase | None:
    """The response to a POST with the request in its body, or a GET with it in its path; None if there is no
    such authority."""
    at = clock.now()
    posted = request.method == "POST"
    # One octet more than a request may have: then it is refused as too long.
    found = answer(public_id, request.read(LONGEST + 1) if posted else _decoded(encoded), at=at)
    if found is None:
        return None
    response = HttpResponse(found.der, content_type=RESPONSE)
    if posted or found.this_update is None or found.next_update is None:
        response["Cache-Control"] = "no-store"
        return response
    return _cached(request, response, found.this_update, found.next_update, at)


def _decoded(encoded: str) -> bytes:
    """Base64 of the request, which Django has freed from its percent signs; what is none is no request."""
    try:
        return base64.b64decode(encoded.strip("/"), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _cached(
    request: HttpRequest, response: HttpResponse, this_update: datetime, next_update: datetime, at: datetime
) -> HttpResponseBase:
    """Section 7.2 of RFC 9919: until when a cache may keep it, and how it asks for a newer one."""
    modified = int(this_update.timestamp())
    seconds = max(0, min(SECONDS, int((next_update - at).total_seconds())))
    response["ETag"] = etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["Last-Modified"] = http_date(modified)
    response["Expires"] = http_date(next_update.timestamp())
    response["Cache-Control"] = f"max-age={seconds}, public, no-transform, must-revalidate"
    conditional = get_conditional_response(request, etag, modified, response)
    if conditional is None or conditional is response:
        return response
    for name in ("Expires", "Cache-Control"):  # RFC 9110 15.4.5
        conditional[name] = response[name]
    return conditional
