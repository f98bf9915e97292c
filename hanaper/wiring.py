"""Floor 3: the one place that names concrete engines and puts the products together."""

from django.apps import AppConfig


class Wiring(AppConfig):
    """Runs once every table is known; see `connect`."""

    name = "hanaper"
    label = "wiring"

    def ready(self) -> None:
        connect()


def connect() -> None:
    """Register products, providers, issuers and callbacks in the registries that live low."""
