"""The web process: granian serving `hanaper.wsgi`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


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
    ).serve()


if __name__ == "__main__":
    main()
