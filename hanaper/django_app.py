"""Where Django starts the service: once every table is known, `wiring` puts it together."""

from importlib import import_module

from django.apps import AppConfig


class Hanaper(AppConfig):
    name = "hanaper"
    label = "hanaper"

    def ready(self) -> None:
        # Not imported above: wiring names models, and they exist only from now on.
        import_module("hanaper.wiring").connect()
        import_module("hanaper.faces.language.letters").connect()
