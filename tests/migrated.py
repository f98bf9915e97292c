"""The tables made once: on SQLite every test run, and every installation, begins with a copy.

Eighty migrations take some eight seconds of a processor, and every worker of every run would spend them. The
copy is kept in `build/tests` under a digest of all that decides its tables; Django still runs what it finds
to migrate, which is nothing.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "tests"
DECIDING = (
    "apps/**/migrations/*.py",
    "apps/**/models*.py",
    "apps/**/models/*.py",
    "apps/**/vocabular*.py",
    "core/**/*.py",
    "storage/*.py",
)


@cache
def migrated() -> Path:
    """A database that was migrated and holds nothing else; whoever comes second waits for the first."""
    file = KEPT / f"migrated-{_digest()}.sqlite3"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            for older in KEPT.glob("migrated-*"):
                older.unlink()
            made = _migrate(KEPT / "making")
            made.rename(file)
    return file


def _digest() -> str:
    found = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for pattern in DECIDING:
        for path in sorted((ROOT / "hanaper").glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _migrate(data: Path) -> Path:
    """In a process of its own: this one has settings already, of a folder of its own."""
    environment = {
        "HANAPER_DATA": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)
    file = data / "hanaper.sqlite3"
    with sqlite3.connect(file) as database:
        # One file, without its log.
        database.execute("PRAGMA journal_mode = DELETE")
    database.close()
    return file


def fill(address: str) -> sqlite3.Connection:
    """Copy the tables into a database in memory, which is there for as long as one connection is."""
    memory = sqlite3.connect(address, uri=True, check_same_thread=False)
    source = sqlite3.connect(f"{migrated().as_uri()}?mode=ro", uri=True)
    source.backup(memory)
    source.close()
    return memory
