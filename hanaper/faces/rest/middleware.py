"""What every answer under /api has in common: a request id, one shape of error, no way round either."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from hanaper.apps.accounts import keys
from hanaper.faces.rest.problems import problem_of_exception, problem_of_status
from hanaper.storage.logs import logger

log = logger(__name__)

MAX_BODY = 1_000_000  # bytes; the largest legitimate body is a CSR with a hundred names


class ApiMiddleware:
    """Wraps everything under /api: ids, logs, and problems for what no route answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        started = time.monotonic()
        request_id = request.request_id = "req_" + uuid.uuid4().hex  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self._answer(request)
            response["X-Request-Id"] = request_id
            if settings.SANDBOX:
                response["X-Hanaper-Sandbox"] = "true"
            response.setdefault("Cache-Control", "no-store")
            actor = getattr(request, "actor", None)
            if actor is not None and actor.access_key:
                keys.stamp_use(actor.access_key)
            log.info(
                "api_request",
                method=request.method,
                path=request.path_info,
                status=response.status_code,
                milliseconds=round((time.monotonic() - started) * 1000, 1),
                access_key=getattr(actor, "access_key", None),
            )
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            return problem_of_status(request, 404)
        if re.search("%00|%ed%[ab]", request.META.get("QUERY_STRING", ""), re.IGNORECASE):
            return problem_of_status(request, 400, "The query holds characters that nothing here contains.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            return problem_of_status(request, 400)
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # WSGI gives no body without its length: better refused than read as empty.
            return problem_of_status(request, 411, "Send the body with its Content-Length, not in chunks.")
        if int(length) > MAX_BODY:
            return problem_of_status(request, 413, f"A body may have at most {MAX_BODY} bytes.")
        try:
            response = self.get_response(request)
        except Exception as error:
            return problem_of_exception(request, error)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(
            "application/json"
        ):
            rendered = problem_of_status(request, response.status_code)
            if response.has_header("Allow"):
                rendered["Allow"] = response["Allow"]
            return rendered
        return response
