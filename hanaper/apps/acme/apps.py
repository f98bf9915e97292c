from django.apps import AppConfig


class AcmeConfig(AppConfig):
    name = "hanaper.apps.acme"
    label = "acme"
