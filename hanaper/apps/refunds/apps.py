from django.apps import AppConfig


class RefundsConfig(AppConfig):
    name = "hanaper.apps.refunds"
    label = "refunds"
