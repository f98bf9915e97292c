"""Bring the data folder to where the service can start: tables, catalogue, first people, built-in CA.

`python -m hanaper.processes.prepare` prints one JSON object for whoever shows it. Safe to run again, and
by two at once: each part is idempotent.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")

from hanaper.core.errors import Refusal
from hanaper.storage.configuration import ConfigurationError

try:
    django.setup()
except ConfigurationError as error:
    sys.stderr.write(f"hanaper: {error}\n")
    sys.exit(1)

from django.conf import settings
from django.core.management import call_command

from hanaper import clock, wiring


def prepare() -> dict[str, object]:
    """Migrate and fill; what the supervisor needs to know, and a person to sign in for the first time."""
    call_command("migrate", interactive=False, verbosity=0)
    people = wiring.first_start(clock.now())
    return {
        "address": settings.PUBLIC_URL,
        "sandbox": settings.SANDBOX,
        "people": people,
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


if __name__ == "__main__":
    try:
        prepared = prepare()
    except Refusal as refusal:
        sys.stderr.write(f"hanaper: {refusal.message} {' '.join(refusal.next_steps)}\n")
        sys.exit(1)
    sys.stdout.write(json.dumps(prepared, default=str) + "\n")
