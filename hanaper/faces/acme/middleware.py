"""Everything under /acme is answered here, from a URL configuration of its own.

Sessions, languages and forms are for people: no middleware of theirs is passed. Every answer, a problem too,
has a fresh nonce where a client may need one, and says where the directory is (RFC 8555 6.5, 7.1).
"""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from hanaper import clock
from hanaper.core.acme.jws import LARGEST
from hanaper.core.acme.problems import AcmeProblem, ProblemType, from_refusal, malformed
from hanaper.core.errors import Refusal
from hanaper.faces.acme.addresses import directory_url
from hanaper.faces.acme.exchange import nonces
from hanaper.faces.acme.problems import problem_response
from hanaper.storage.logs import logger

log = logger(__name__)

PREFIX = "/acme/"
_DIRECTORY = re.compile(r"/acme/(?P<ca>[\w-]{1,60})/(?P<template>[\w-]{1,60})/(?P<rest>.+)\Z")


class AcmeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        started = time.monotonic()
        request_id = request.request_id = "req_" + uuid.uuid4().hex  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = _answer(request)
            _complete(request, response)
            log.info(
                "acme_request",
                method=request.method,
                path=request.path_info,
                status=response.status_code,
                milliseconds=round((time.monotonic() - started) * 1000, 1),
            )
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST:
        return problem_response(malformed(f"A request has at most {LARGEST} bytes.", 413))
    try:
        found = resolve(request.path_info, "hanaper.faces.acme.urls")
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
    except Refusal as refusal:
        return problem_response(from_refusal(refusal))
    except Http404:
        return problem_response(malformed("There is nothing at this address.", 404))
    except Exception:
        log.exception("acme_request_failed")
        broken = AcmeProblem(ProblemType.SERVER_INTERNAL, "Something broke on our side.")
        return problem_response(broken)
    return response


def _complete(request: HttpRequest, response: HttpResponse) -> None:
    response.setdefault("Cache-Control", "no-store")
    parts = _DIRECTORY.match(request.path_info)
    if parts is None:
        return
    if request.method == "POST" or parts["rest"] == "new-nonce":
        response["Replay-Nonce"] = nonces().give(clock.system_now())
    if parts["rest"] != "directory":
        index = f'<{directory_url(parts["ca"], parts["template"])}>;rel="index"'
        response["Link"] = ", ".join(filter(None, [response.get("Link"), index]))
