"""The web process with several workers, each with its guards armed: `python -m tests.races.serve`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

if __name__ == "__main__":
    Granian(
        "tests.races.wsgi:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=8,
        backlog=512,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()
