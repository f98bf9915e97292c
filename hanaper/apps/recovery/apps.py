from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "hanaper.apps.recovery"
    label = "recovery"
