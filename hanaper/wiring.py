"""Floor 3: the one place that names concrete engines and puts the products together."""

from collections.abc import Callable
from datetime import datetime

from django.apps import AppConfig

# What finds the work that is due and not done: business time and system time in, a count out.
Sweep = Callable[[datetime, datetime], int]


class Wiring(AppConfig):
    """Runs once every table is known; see `connect`."""

    name = "hanaper"
    label = "wiring"

    def ready(self) -> None:
        connect()


def connect() -> None:
    """Register products, providers, issuers and callbacks in the registries that live low."""


def sweeps() -> list[tuple[str, Sweep]]:
    """Every area's sweep by name, those that free money and locks first."""
    return []
