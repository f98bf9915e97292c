from django.apps import AppConfig


class TrialsConfig(AppConfig):
    name = "hanaper.apps.trials"
    label = "trials"
