"""Files that commands read and write: requests, TOML, private keys that only their owner reads."""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import typer

from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.text_files import as_text
from hanaper.faces.cli import output


def read_text(path: Path, field: str) -> str:
    """What a file says; InvalidInput at `field` if it is none that can be read as text."""
    try:
        return as_text(path.read_bytes(), field)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field=field) from None


def read_toml(path: Path) -> dict[str, Any]:
    """InvalidInput, with the line, if it is no TOML."""
    try:
        return tomllib.loads(read_text(path, "file"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is not TOML: {error}.", field="file", code="not_toml") from None


def write_text(text: str, to: Path | None, found: Any) -> None:
    """To a file, or to standard output; there `--json` prints everything that was `found`."""
    if to is None:
        output.show(found if output.wants_json() else text.rstrip("\n"))
    else:
        try:
            to.write_text(text)
        except OSError as error:
            raise InvalidInput(f"{to} cannot be written: {error.strerror}.", field="to") from None
        output.note(f"Written to {to}.")


@contextmanager
def new_private_file(to: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner reads; gone again if it was refused what was to stand in it.

    InvalidInput if it exists: made before a secret is asked for, which may be given out once.
    """
    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InvalidInput(f"{to} cannot be written: {error.strerror}.", field="to") from None
    with os.fdopen(handle, "wb") as file:
        try:
            yield file
        except Refusal:
            to.unlink()
            raise
    output.note(f"Written to {to}, readable by you only.")


def refuse_unwritable(to: Path | None, field: str, *, new: bool = False) -> None:
    """Before something is done that costs and is not undone: InvalidInput at `field` if `to` cannot be
    written afterwards; `new`, also if it is there already."""
    if to is None:
        return
    if new and to.exists():
        reason = "File exists"
    elif to.is_dir():
        reason = "Is a directory"
    elif not to.parent.is_dir():
        reason = "No such file or directory"
    elif not os.access(to if to.exists() else to.parent, os.W_OK):
        reason = "Permission denied"
    else:
        return
    raise InvalidInput(f"{to} cannot be written: {reason}.", field=field)


def passphrase(file: Path | None) -> str:
    """The first line of a file; without one it is asked for, twice. Never from the command line, which others
    on the machine can read."""
    if file is not None:
        return (read_text(file, "passphrase").splitlines() or [""])[0]
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True))
