"""Commands that work on the installation on this machine, without its server: Django set up on demand."""

import getpass
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from hanaper.core.actor import Actor, system
from hanaper.core.errors import Refusal

Load = Callable[[str], Any]


def installed_here() -> bool:
    """Whether `HANAPER_DATA` (by default ./data) holds an installation that was started once."""
    if os.environ.get("DATABASE_URL"):
        return True
    return (_data_folder() / "hanaper.sqlite3").exists()


def machine() -> Load:
    """Set Django up; the answer imports a module by name: `load = machine(); load("hanaper.clock").now()`.

    Imports wait for Django, so that commands without it start fast. Refused: `no_installation`,
    `bad_configuration`, `database_not_ready`, and `wrong_mode` where a sandbox would be taken for production.
    """
    load = unopened()
    database_error = load("django.db").DatabaseError
    try:
        load("hanaper.apps.clock.services").refuse_other_mode()
    except database_error as error:
        raise Refusal(
            f"The database cannot be used: {error}".strip(),
            code="database_not_ready",
            next_steps=["See that it runs and that DATABASE_URL names it; `hanaper up` makes its tables."],
        ) from None
    return load


def unopened(*, must_exist: bool = True) -> Load:
    """As `machine`, for what does not need the database to be as this version wants it.

    Refused (`no_installation`) where nothing was ever started, instead of making an empty data folder in a
    wrong place.
    """
    if must_exist and not installed_here():
        raise Refusal(
            f"There is no installation in {_data_folder()}.",
            code="no_installation",
            next_steps=[
                "Go to the folder where `hanaper up` was started, or set HANAPER_DATA to its data folder."
            ],
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
    environment = import_module("hanaper.storage.configuration")
    try:
        if not import_module("django.apps").apps.ready:
            import_module("django").setup()
    except environment.ConfigurationError as error:
        raise Refusal(str(error), code="bad_configuration") from None
    return import_module


def local_actor() -> Actor:
    """Whoever may run commands on this machine acts for the service itself; the log says who it was."""
    try:
        person = getpass.getuser()
    except (KeyError, OSError):
        person = str(os.getuid())
    return system(f"command line ({person})")


def _data_folder() -> Path:
    return Path(os.environ.get("HANAPER_DATA", "").strip() or "data").expanduser().absolute()
