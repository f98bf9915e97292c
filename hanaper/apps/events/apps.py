from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "hanaper.apps.events"
    label = "events"
