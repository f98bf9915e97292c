"""The sandbox's records: a file in the data folder, written by commands and read at each look."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import idna

from hanaper.core.errors import InvalidInput
from hanaper.sandbox_dns.name_server import Key
from hanaper.storage.files import write_atomically

ZONE = "test"  # RFC 6761 section 6.2: never anybody's
KINDS = ("A", "AAAA", "CAA", "CNAME", "TXT")


class FileRecords(Mapping[Key, list[str]]):
    """{(name, type): [values]} as the file has it at this moment; `usual`: those that are there besides."""

    def __init__(self, path: Path, usual: Mapping[Key, list[str]] | None = None) -> None:
        self._path, self._usual = path, dict(usual or {})

    def __getitem__(self, key: Key) -> list[str]:
        return self._all()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def put(self, name: str, kind: str, values: list[str]) -> str:
        """Set the records of a name and type; none: remove them. The name as it is asked for, in A-labels
        (RFC 5890). Refused: names outside `.test`, names that are none."""
        name, kind = _in_a_labels(name.rstrip(".").lower()), kind.upper()
        if not name.endswith(f".{ZONE}"):
            raise InvalidInput(
                f"{name!r} is not under .{ZONE}: the sandbox's name server has only such names.",
                field="name",
                code="outside_the_sandbox",
                next_steps=["Set the record where the domain's DNS is kept."],
            )
        if kind not in KINDS:
            raise InvalidInput(f"One of: {', '.join(KINDS)}.", field="type", code="unknown_type")
        found = {**self._read(), (name, kind): values}
        written = {" ".join(key): kept for key, kept in found.items() if kept}
        write_atomically(self._path, json.dumps(written, indent=2).encode())
        return name

    def _all(self) -> dict[Key, list[str]]:
        return {**self._usual, **self._read()}

    def _read(self) -> dict[Key, list[str]]:
        try:
            kept: dict[str, list[str]] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return {_key(key): values for key, values in kept.items()}


def _in_a_labels(name: str) -> str:
    try:
        mapped = name if name.isascii() else idna.uts46_remap(name)
        labels = [one if one.isascii() else idna.alabel(one).decode() for one in mapped.split(".")]
    except idna.IDNAError:
        raise InvalidInput(
            f"{name[:60]!r} is no name that DNS can hold.", field="name", code="invalid_name"
        ) from None
    return ".".join(labels)


def _key(written: str) -> Key:
    name, kind = written.split(" ")
    return name, kind
