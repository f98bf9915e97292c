"""Addresses of the pages."""

from django.urls import path

from hanaper.faces.console import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("keys/", views.keys, name="keys"),
    path("keys/create/", views.create_key, name="create-key"),
    path("keys/<str:key>/revoke/", views.revoke_key, name="revoke-key"),
]
