"""Every address of the service."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from hanaper.faces.rest.api import api, unknown_address
from hanaper.faces.rest.webhooks import sandbox_card

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", unknown_address),
    path("api/v1/", api.urls),
    re_path(r"^api/(?P<rest>.*)$", unknown_address),
    path("hooks/sandbox-card", sandbox_card),
    path("gateway-nodes/v1/", include("hanaper.faces.nodes.urls")),
    path("", include("hanaper.faces.status.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("hanaper.faces.console.urls")),
]
