"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hanaper import __version__, clock


def service(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - Django's signature
    """`sandbox_time`: business time, in a sandbox only, for the banner."""
    return {"version": __version__, "sandbox_time": clock.now if settings.SANDBOX else None}
