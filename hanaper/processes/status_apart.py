"""A way of their own for the addresses in certificates: no sessions, no languages, nothing that pages need.

Django's middleware takes longer than a look at a file or at one row; here only the view is called.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase

APART = ("/crl/", "/ca/", "/ocsp/")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Request(WSGIRequest):
    urlconf = "hanaper.faces.status.urls"


class _Handler(WSGIHandler):
    request_class = _Request

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 - Django's signature
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = super().get_response(request)
        if isinstance(response, HttpResponse) and response.status_code != 304:
            response.setdefault("Content-Length", str(len(response.content)))
        return response


def apart(application: Application) -> Application:
    """`application`, and beside it the addresses in certificates."""
    handler = _Handler()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(APART):
            return handler(environ, start_response)
        return application(environ, start_response)

    return serve
