from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "hanaper.apps.ledger"
    label = "ledger"
