from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "hanaper.apps.certificates"
    label = "certificates"
