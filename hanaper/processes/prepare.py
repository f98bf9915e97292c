"""Bring the data folder to where the service can start: tables, catalogue, first people, built-in CA.

`python -m hanaper.processes.prepare` prints three lines of JSON: what the installation is, once its settings
were found good; that the tables are there, and the web process can serve; and who can sign in, and which
gateway node runs beside. Safe to run again, and by two at once.
"""

import json
import os
import sys
from importlib import import_module

import django
from django.conf import settings

from hanaper.storage.configuration import ConfigurationError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")


def installation() -> dict[str, object]:
    """What the supervisor needs to know to start the web process. ConfigurationError."""
    return {
        "address": settings.PUBLIC_URL,
        "sandbox": settings.SANDBOX,
        "credentials": str(settings.DATA / "credentials.json"),
        "card_provider": card_provider() if settings.SANDBOX else None,
    }


def card_provider() -> list[str]:
    """How the sandbox's card provider is started; outside a sandbox there is none."""
    return [
        *("-m", "hanaper.sandbox_card"),
        *("--port", str(settings.CARD_PROVIDER_PORT)),
        *("--database", str(settings.DATA / "sandbox-card.sqlite3")),
        *("--secret-file", str(settings.DATA / "card-provider-secret")),
        *("--webhook-url", f"http://{settings.HOST}:{settings.PORT}/hooks/sandbox-card"),
    ]


def tell(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        tell(installation())
    except ConfigurationError as error:
        sys.stderr.write(f"hanaper: {error}\n")
        sys.exit(1)
    # The rest takes a while to load, and the web process does so beside.
    django.setup()
    import_module("hanaper.processes.making_ready").make_ready(tell)
