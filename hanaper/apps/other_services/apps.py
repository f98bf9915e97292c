from django.apps import AppConfig


class OtherServicesConfig(AppConfig):
    name = "hanaper.apps.other_services"
    label = "other_services"
