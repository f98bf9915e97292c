"""Bring the data folder to where the service can start: tables, catalogue, first people, built-in CA.

`python -m hanaper.processes.prepare` prints one JSON object for whoever shows it. Safe to run again, and
by two at once: each part is idempotent.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from django.conf import settings  # noqa: E402  settings exist only after setup
from django.core.management import call_command  # noqa: E402

from hanaper import clock, wiring  # noqa: E402


def prepare() -> dict[str, object]:
    """Migrate and fill; what a person needs to sign in for the first time (empty later)."""
    call_command("migrate", interactive=False, verbosity=0)
    first_people = wiring.first_start(clock.now())
    return {"address": settings.PUBLIC_URL, "sandbox": settings.SANDBOX, "people": first_people}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(prepare(), default=str) + "\n")
