from django.apps import AppConfig


class PrivateCaConfig(AppConfig):
    name = "hanaper.apps.private_ca"
    label = "private_ca"
