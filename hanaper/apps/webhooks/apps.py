from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "hanaper.apps.webhooks"
    label = "webhooks"
