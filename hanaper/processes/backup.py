"""Backups of an installation: one tar file, made while the service runs, restored while it does not.

In it: `meta.json`, the database, the published files, and only when asked for the keys. Without its master
keys a backup opens no secret: they are kept apart, so that whoever finds one of the two has nothing.
"""

import io
import json
import os
import re
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from hanaper import __version__, clock
from hanaper.apps.recovery.services import begin_recovery
from hanaper.apps.secrets.models import DataKey
from hanaper.core.errors import Refusal
from hanaper.storage.files import create_once, write_atomically

FORMAT = 1
META, SQLITE_FILE, DUMP_FILE = "meta.json", "database.sqlite3", "database.dump"
# What a backup may hold; nothing else is unpacked, wherever it would lead.
PUBLISHED_FILE = re.compile(r"published/(?:crl|ca)/[0-9a-z_]{1,60}\.(?:crl|cer)")
KEY_FILE = re.compile(r"(?:master-keys/master-[0-9a-f-]{1,60}|secret-key|card-provider-secret)")

# Parameters of a connection, and the variables by which PostgreSQL's tools are told them.
LIBPQ = {"dbname": "PGDATABASE"} | {
    name: f"PG{name.upper()}"
    for name in ("host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")
}


def create(target: Path, *, with_keys: bool) -> dict[str, Any]:
    """Write a backup to `target`, readable by its owner alone; refused if the file is there."""
    if target.exists():
        raise Refusal(f"{target} is there already.", code="file_exists", next_steps=["Give another name."])
    made_at = clock.system_now()
    meta = {
        "format": FORMAT,
        "version": __version__,
        "made_at": made_at.isoformat(),
        "database": "postgresql" if settings.POSTGRESQL else "sqlite",
        "with_keys": with_keys,
    }
    handle, partial = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
    try:
        with (
            tempfile.TemporaryDirectory(dir=settings.DATA) as folder,
            os.fdopen(handle, "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as tar,
        ):
            _add(tar, META, json.dumps(meta, indent=2).encode(), made_at)
            # The database first: files that are newer than it are what reconciliation is for.
            name = DUMP_FILE if settings.POSTGRESQL else SQLITE_FILE
            _copy_database(Path(folder) / name)
            tar.add(Path(folder) / name, name)
            files = [*_below("published"), *(_keys() if with_keys else [])]
            for path in files:
                tar.add(path, str(path.relative_to(settings.DATA)))
        Path(partial).replace(target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return {**meta, "file": str(target), "bytes": target.stat().st_size}


def restore(source: Path, *, force: bool) -> dict[str, Any]:
    """Put a backup into this installation and begin the recovery; nothing is paid or signed until its end.

    Published files and keys that are here stay: they are at least as new as those of the backup. Stop the
    service first.
    """
    with _open(source) as tar:
        meta = _meta(tar)
        if not force and _holds_data():
            raise Refusal(
                "There is data here already.",
                code="not_empty",
                next_steps=[
                    "Restore into an empty data folder, or add --force to replace the database here."
                ],
            )
        _restore_database(tar, meta["database"])
        for member in tar.getmembers():
            if not member.isfile():
                continue
            if PUBLISHED_FILE.fullmatch(member.name):
                path = Path(settings.PUBLISHED) / member.name.removeprefix("published/")
                if not path.exists():
                    write_atomically(path, _content(tar, member.name))
            elif KEY_FILE.fullmatch(member.name):
                _restore_key(member.name, _content(tar, member.name))
    call_command("migrate", interactive=False, verbosity=0)
    backup_at = datetime.fromisoformat(meta["made_at"])
    begin_recovery(backup_at=backup_at, system_at=clock.system_now())
    return {**meta, "missing_master_keys": _missing_master_keys()}


def _copy_database(target: Path) -> None:
    """A consistent copy while others write."""
    if settings.POSTGRESQL:
        _postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={target}")
        return
    # SQLite's backup API takes the write-ahead log with it, which copying the file would not.
    origin = sqlite3.connect(f"file:{settings.DATABASES['default']['NAME']}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        _check(copy)
    finally:
        origin.close()
        copy.close()


def _restore_database(tar: tarfile.TarFile, kind: str) -> None:
    here = "postgresql" if settings.POSTGRESQL else "sqlite"
    if kind != here:
        raise Refusal(
            f"The backup is of {kind}, this installation uses {here}.",
            code="other_database",
            next_steps=["Set or leave out DATABASE_URL as it was when the backup was made."],
        )
    content = _content(tar, DUMP_FILE if settings.POSTGRESQL else SQLITE_FILE)
    connections.close_all()
    if settings.POSTGRESQL:
        with tempfile.NamedTemporaryFile(dir=settings.DATA) as dump:
            dump.write(content)
            dump.flush()
            _postgresql("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
                        f"--dbname={connection.settings_dict['NAME']}", dump.name)  # fmt: skip
        return
    target = Path(str(settings.DATABASES["default"]["NAME"]))
    arriving = target.with_name(target.name + ".restoring")
    arriving.write_bytes(content)
    arriving.chmod(0o600)
    copy = sqlite3.connect(arriving)
    try:
        _check(copy)
    except BaseException:
        arriving.unlink()
        raise
    finally:
        copy.close()
    # A log of the database before would be played into the one that arrives.
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    arriving.replace(target)


def _check(database: sqlite3.Connection) -> None:
    try:
        (verdict,) = database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise Refusal(f"The database is damaged: {verdict}", code="damaged_database")


def _postgresql(program: str, *options: str) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, for others can read arguments."""
    # As Django itself is connected: hosts and TLS settings may come from the address's query.
    connection.ensure_connection()
    info = connection.connection.info
    told = {**info.get_parameters(), "host": info.host, "port": str(info.port), "password": info.password}
    connections.close_all()
    given = {variable: told[name] for name, variable in LIBPQ.items() if told.get(name)}
    try:
        subprocess.run([program, *options], env={**os.environ, **given}, check=True, capture_output=True)
    except FileNotFoundError:
        raise Refusal(
            f"{program} is not here.", code="tool_missing", next_steps=["Install PostgreSQL's client tools."]
        ) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Refusal(f"{program} failed: {' '.join(said)}", code="tool_failed") from None


def _holds_data() -> bool:
    return bool(connection.introspection.table_names()) or any(_below("published"))


def _restore_key(name: str, content: bytes) -> None:
    path = Path(settings.DATA) / name
    path.parent.mkdir(exist_ok=True, mode=0o700)
    if name.startswith("master-keys/"):
        create_once(path, content)  # never replaced
    else:
        write_atomically(path, content, mode=0o600)  # made anew on the way here


def _missing_master_keys() -> list[str]:
    """The keys that this database needs and that are not here: their files must be put back."""
    needed = DataKey.objects.values_list("master_key", flat=True).distinct()
    return sorted(name for name in needed if not (Path(settings.MASTER_KEY_FOLDER) / name).exists())


def _below(name: str) -> list[Path]:
    folder = Path(settings.DATA) / name
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _keys() -> list[Path]:
    data = Path(settings.DATA)
    single = [data / "secret-key", data / "card-provider-secret"]
    return [*_below("master-keys"), *(path for path in single if path.exists())]


def _add(tar: tarfile.TarFile, name: str, content: bytes, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(at.timestamp())
    tar.addfile(member, io.BytesIO(content))


def _open(source: Path) -> tarfile.TarFile:
    try:
        tar = tarfile.open(source)  # noqa: SIM115 - whoever asked closes it
        tar.getmembers()  # reads to the end: one that was cut off must not be half restored
        return tar
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise Refusal(f"{source} cannot be read: {error}", code="no_backup") from None


def _meta(tar: tarfile.TarFile) -> dict[str, Any]:
    try:
        meta = json.loads(_content(tar, META))
    except ValueError:
        meta = None
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise Refusal("This is no backup, or one of a later version.", code="no_backup")
    return meta


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    try:
        file = tar.extractfile(name)
        content = file.read() if file is not None else None
    except (KeyError, tarfile.TarError, OSError, EOFError):
        content = None
    if content is None:
        raise Refusal(f"The backup is damaged: {name} is not in it.", code="no_backup")
    return content
