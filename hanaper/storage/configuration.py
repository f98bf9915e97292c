"""Environment variables, parsed strictly: a wrong value stops the start and says which and why."""

import ipaddress
import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from hanaper.storage.files import create_once

MOST_OF_A_ZONE = 200  # a name in it has 253 characters at most
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")


class ConfigurationError(Exception):
    """A setting that cannot be used. Not a Refusal: nobody is being served yet."""


def text(name: str, default: str) -> str:
    return os.environ.get(name, default).strip()


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ConfigurationError(f"{name}={value!r}: must be one of {', '.join(allowed)}.")
    return value


def flag(name: str, default: bool) -> bool:
    return choice(name, "yes" if default else "no", ("yes", "no")) == "yes"


def number(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    try:
        parsed = int(value)
    except ValueError:
        raise ConfigurationError(f"{name}={value!r}: must be a whole number.") from None
    if not low <= parsed <= high:
        raise ConfigurationError(f"{name}={value!r}: must be between {low} and {high}.")
    return parsed


def listing(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def networks(name: str) -> list[str]:
    """A comma-separated list of addresses and networks: `10.0.0.5, 192.0.2.0/24`."""
    given = listing(name)
    for one in given:
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise ConfigurationError(f"{name}: {error}; write addresses or networks, by commas.") from None
    return given


def url(name: str, default: str) -> str:
    """An http or https address without path, query or trailing slash."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ConfigurationError(
            f"{name}={value!r}: must be an address such as https://certificates.example.org"
        )
    return value


def zone(name: str, default: str) -> str:
    """A zone of DNS in which names are given out, in lower case, without the dot at its end."""
    value = text(name, default).lower().removesuffix(".")
    if len(value) > MOST_OF_A_ZONE or not all(map(_LABEL.match, value.split("."))):
        raise ConfigurationError(f"{name}={value!r}: must be a zone such as gateway.example.org")
    return value


def given_secret(name: str) -> str:
    """A secret from the variable, or from the file that `<name>_FILE` names and nobody else may read."""
    path = text(f"{name}_FILE", "")
    if not path:
        return text(name, "")
    try:
        if Path(path).stat().st_mode & 0o077:
            raise ConfigurationError(f"{name}_FILE: {path} may be read by others: set its mode to 0600.")
        return Path(path).read_text().strip()
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"{name}_FILE: {path} cannot be read: {error}.") from None


def data_folder(default: Path) -> Path:
    """`HANAPER_DATA`, made if missing, readable by nobody else."""
    folder = Path(text("HANAPER_DATA", str(default))).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(
            f"HANAPER_DATA={str(folder)!r}: cannot be made: {error.strerror}."
        ) from error
    return folder


def secret_file(path: Path, size: int = 32) -> bytes:
    """The secret in `path`, generated on first use with mode 0600; refused if others may read it."""
    if not path.exists():
        create_once(path, f"{secrets.token_hex(size)}\n".encode())
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path.name} may be read by others: set its mode to 0600.")
    try:
        value = bytes.fromhex(path.read_text().strip())
    except ValueError:
        raise ConfigurationError(
            f"{path.name} is damaged: it must hold {size * 2} hexadecimal digits."
        ) from None
    if len(value) != size:
        raise ConfigurationError(f"{path.name} is damaged: it must hold {size * 2} hexadecimal digits.")
    return value
