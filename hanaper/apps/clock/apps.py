from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "hanaper.apps.clock"
    label = "clock"
