from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "hanaper.apps.catalog"
    label = "catalog"
