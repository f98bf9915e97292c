"""Addresses that are burnt into certificates: they never change, and never ask who is there."""

from django.urls import path, re_path

from hanaper.faces.status import views

urlpatterns = [
    re_path(r"^crl/(?P<public_id>[0-9a-z_]{1,40})\.crl\Z", views.crl, name="crl"),
    re_path(r"^ca/(?P<public_id>[0-9a-z_]{1,40})\.cer\Z", views.certificate, name="ca-certificate"),
    re_path(r"^(?:crl|ca)/(?P<rest>(?s:.*))\Z", views.nothing),
    path("healthz", views.healthz, name="healthz"),
]
