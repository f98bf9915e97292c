from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hanaper.apps.accounts"
    label = "accounts"
