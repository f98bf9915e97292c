from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hanaper.apps.audit"
    label = "audit"
