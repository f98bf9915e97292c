"""`make tables`: write `hanaper/storage/tables.sql`, what all migrations make of an empty SQLite database."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parents[1] / "hanaper" / "storage" / "tables.sql"


def migrated(folder: Path) -> Path:
    """A database that went through every migration, in a process of its own."""
    environment = {
        "HANAPER_DATA": str(folder),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    return folder / "hanaper.sqlite3"


def written(file: Path) -> Iterator[str]:
    """The statements that make the same again."""
    database = sqlite3.connect(file)
    database.execute("UPDATE django_migrations SET applied = 'now'")
    # Tables first: what is put into one may refer to another.
    for statement in sorted(database.iterdump(), key=lambda one: not one.startswith("CREATE TABLE")):
        if statement not in ("BEGIN TRANSACTION;", "COMMIT;"):
            yield statement.replace(",'now');", ",CURRENT_TIMESTAMP);")
    database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="hanaper-tables-") as folder:
        FILE.write_text("".join(f"{statement}\n" for statement in written(migrated(Path(folder)))))
