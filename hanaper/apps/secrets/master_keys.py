"""Master keys: files of mode 0600 in a folder of mode 0700, named by their id; the newest one seals."""

import secrets
from pathlib import Path

from hanaper.storage.configuration import ConfigurationError
from hanaper.storage.files import create_once

SIZE = 32


class MasterKeys:
    """The ring of master keys in `folder`. Losing a file loses every secret sealed under it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> tuple[str, bytes]:
        """The id and bytes of the newest key; the first one is generated when it is asked for."""
        names = self.names()
        name = names[-1] if names else self.generate()
        return name, self.get(name)

    def get(self, name: str) -> bytes:
        if not name.isascii() or not name.replace("-", "").isalnum():
            raise ConfigurationError(f"{name!r} is no id of a master key.")
        path = self._folder / name
        try:
            if path.stat().st_mode & 0o077:
                raise ConfigurationError(f"master key {name} may be read by others: set its mode to 0600.")
            key = bytes.fromhex(path.read_text().strip())
        except FileNotFoundError:
            raise ConfigurationError(
                f"master key {name} is missing: put its file back into the folder of master keys."
            ) from None
        except ValueError:
            key = b""
        if len(key) != SIZE:
            raise ConfigurationError(f"master key {name} is damaged.")
        return key

    def generate(self) -> str:
        """A new key, which seals from now on; its id. Safe if two do it at once: both keys stay valid."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        names = self.names()
        number = _number(names[-1]) + 1 if names else 1
        name = f"master-{number:06d}-{secrets.token_hex(4)}"
        create_once(self._folder / name, f"{secrets.token_hex(SIZE)}\n".encode())
        return name

    def remove(self, name: str) -> None:
        """Forget a key that nothing is sealed under any more."""
        (self._folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """The ids of the keys that are here, the oldest first."""
        if not self._folder.is_dir():
            return []
        names = [path.name for path in self._folder.glob("master-*")]
        return sorted(names, key=lambda name: (_number(name), name))


def _number(name: str) -> int:
    """As a number, for the millionth has a digit more than the others."""
    try:
        return int(name.split("-")[1])
    except ValueError:
        raise ConfigurationError(f"{name!r} in the folder of master keys is none of them.") from None
