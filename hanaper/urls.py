"""Every address of the service."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
