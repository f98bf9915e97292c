"""Addresses that are burnt into certificates: they never change, and never ask who is there."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from hanaper.faces.status import views

# Exempt, because nothing is changed, whoever asks; where nothing is to be posted, the answer is 405.
urlpatterns = [
    re_path(r"^crl/(?P<name>[0-9a-z_-]{1,50})\.crl\Z", csrf_exempt(views.crl), name="crl"),
    re_path(
        r"^ca/(?P<public_id>[0-9a-z_]{1,40})\.cer\Z", csrf_exempt(views.certificate), name="ca-certificate"
    ),
    re_path(
        r"^ocsp/(?P<public_id>[0-9a-z_]{1,40})(?:/(?P<encoded>(?s:.*)))?\Z",
        csrf_exempt(views.ocsp),
        name="ocsp",
    ),
    re_path(r"^(?:crl|ca|ocsp)/(?P<rest>(?s:.*))\Z", csrf_exempt(views.nothing)),
    path("metrics", csrf_exempt(views.metrics), name="metrics"),
    path("healthz", csrf_exempt(views.healthz), name="healthz"),
]
