from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "hanaper.apps.payments"
    label = "payments"
