"""Addresses of the peer's project: all of its own, under /ca/."""

from django.urls import include, path

urlpatterns = [path("ca/", include("django_ca.urls"))]
