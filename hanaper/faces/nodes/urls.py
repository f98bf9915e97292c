"""Addresses of gateway nodes (core.gateway.wire says what is spoken there)."""

from django.urls import path

from hanaper.faces.nodes import views

urlpatterns = [
    path("join", views.join),
    path("report", views.report),
    path("snapshot", views.snapshot),
    path("changes/<int:since>", views.changes),
    path("errands/<str:errand>", views.errand),
    path("certificates/<str:name>", views.certificate),
]
