from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "hanaper.apps.orders"
    label = "orders"
