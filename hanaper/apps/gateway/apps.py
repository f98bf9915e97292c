from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "hanaper.apps.gateway"
    label = "gateway"
