"""Addresses that are burnt into certificates: they never change, and never ask who is there."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from hanaper.faces.status import views

# Exempt, because what changes nothing answers a write with 405, whoever asks.
urlpatterns = [
    re_path(r"^crl/(?P<public_id>[0-9a-z_]{1,40})\.crl\Z", csrf_exempt(views.crl), name="crl"),
    re_path(
        r"^ca/(?P<public_id>[0-9a-z_]{1,40})\.cer\Z", csrf_exempt(views.certificate), name="ca-certificate"
    ),
    re_path(r"^(?:crl|ca)/(?P<rest>(?s:.*))\Z", csrf_exempt(views.nothing)),
    path("healthz", csrf_exempt(views.healthz), name="healthz"),
]
