from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "hanaper.apps.authority"
    label = "authority"
