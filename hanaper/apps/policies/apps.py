from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "hanaper.apps.policies"
    label = "policies"
