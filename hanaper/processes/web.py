"""The web process: granian serving `hanaper.wsgi`."""

import os
import signal
from importlib import import_module
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from hanaper.processes.bare import without_terminals


def load() -> Any:
    """In a worker, which would do nothing at a SIGTERM while it loads: granian waits for it for ever then."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    without_terminals()
    return import_module("hanaper.processes.served").application


def main() -> None:
    Granian(
        "hanaper.processes.served:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        blocking_threads=settings.WEB_THREADS,
        backlog=512,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve(target_loader=load, wrap_loader=False)


if __name__ == "__main__":
    main()
