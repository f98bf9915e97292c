from django.apps import AppConfig


class SecretsConfig(AppConfig):
    name = "hanaper.apps.secrets"
    label = "secrets"
