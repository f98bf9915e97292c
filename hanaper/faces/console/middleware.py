"""Every page in the language and the zone of whoever looks at it, and with what keeps browsers safe."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone, translation

# Nobody reads these: no session is looked at for them.
SPOKEN_BY_PROGRAMS = ("/api/", "/hooks/", "/crl/", "/ca/", "/ocsp/", "/healthz", "/metrics", "/static/")


class PersonMiddleware:
    """Language: the person's choice, else the browser's. Zone: the person's, else the installation's."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.path_info.startswith(SPOKEN_BY_PROGRAMS):
            return self.get_response(request)
        user = request.user
        chosen = user.language if user.is_authenticated else ""
        language = chosen or translation.get_language_from_request(request)
        with translation.override(language), timezone.override(_zone(user)):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        response.setdefault("Referrer-Policy", "same-origin")
        if not response.has_header("Vary") or "Accept-Language" not in response["Vary"]:
            response["Vary"] = ", ".join(filter(None, [response.get("Vary"), "Accept-Language"]))
        return response


def _zone(user: Any) -> ZoneInfo:
    wanted = user.zone if user.is_authenticated else ""
    try:
        return ZoneInfo(wanted or settings.ZONE)
    except ZoneInfoNotFoundError:  # a zone that the machine's tables no longer know
        return ZoneInfo(settings.ZONE)
