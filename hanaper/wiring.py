"""Floor 3: the one place that names concrete engines and puts the products together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib import import_module

from django.apps import AppConfig

from hanaper.storage import trail

# What finds the work that is due and not done: business time and system time in, a count out.
Sweep = Callable[[datetime, datetime], int]


# A fourth product is a new folder and its name here.
PRODUCTS = ("certificates", "private_ca", "gateway", "other_services")


class Wiring(AppConfig):
    """Runs once every table is known; see `connect`."""

    name = "hanaper"
    label = "wiring"

    def ready(self) -> None:
        connect()


def connect() -> None:
    """Register products, providers, issuers and callbacks in the registries that live low."""
    # Models exist only now, so what needs them is imported here.
    audit = import_module("hanaper.apps.audit.services")
    trail.connect(audit.record)
    _connect_orders()


def _connect_orders() -> None:
    """What is sold, and what payments tell orders."""
    products = import_module("hanaper.apps.orders.products")
    products.register([import_module(f"hanaper.apps.{area}.product").PRODUCT for area in PRODUCTS])
    orders = import_module("hanaper.apps.orders.services")
    callbacks = import_module("hanaper.apps.payments.callbacks")
    callbacks.connect(replace(callbacks.connected(), lock=orders.lock_paid_for, paid=orders.mark_paid))


def sweeps() -> list[tuple[str, Sweep]]:
    """Every area's sweep by name, those that free money and locks first."""
    areas = ("orders", "events", "audit")
    found = [(area, import_module(f"hanaper.apps.{area}.sweep").sweep) for area in areas]
    return [*found, ("idempotency", import_module("hanaper.apps.accounts.idempotency").sweep)]


def first_start(at: datetime) -> list[dict[str, str]]:
    """Fill the catalogue and make the first people, once; whom to tell: role, email, password, access_key."""
    import_module("hanaper.apps.catalog.services").seed_catalogue(at)
    started = import_module("hanaper.apps.accounts.first_start").first_start(at)
    return [{"role": role, **who} for role, who in started.credentials.items()]
