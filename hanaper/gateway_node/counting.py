"""Every request counted once: what stands in the engine's log, from the byte to which it was taken before.

A log begins with a line that names it, so that it is the same log after any restart; the service remembers
how far it took each, and takes a batch only from there on. A line counts once it is whole.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hanaper.core.gateway.statistics import LENGTHS, add_paths, length_of, path_of
from hanaper.core.gateway.wire import Batch, Tally

MARK = b"# log "
MOST_BYTES = 4 * 1024 * 1024  # in one batch
ROTATE_BYTES = 256 * 1024 * 1024
SECONDS_AN_HOUR = 3600
# How a limit says that it turned a request away; of two limits, one after the other.
TURNED_AWAY = b"REJECTED"


@dataclass
class _Sum:
    visits: int = 0
    bytes_out: int = 0
    requests: int = 0
    cache_hits: int = 0
    milliseconds: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=lambda: [0] * (len(LENGTHS) + 1))
    paths: dict[str, tuple[int, int]] = field(default_factory=dict)  # of one batch: MOST_BYTES bounds it


def begin(path: Path) -> None:
    """A new log with a name of its own, unless there is one."""
    if path.exists() and path.stat().st_size:
        return
    half = path.with_name(path.name + ".half")
    half.write_bytes(MARK + secrets.token_hex(16).encode() + b"\n")
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(path)


def name_of(path: Path) -> str | None:
    """None for a file that does not begin as a log does: the engine made it before we could."""
    with path.open("rb") as file:
        first = file.readline(80)
    return first[len(MARK) :].strip().decode() if first.startswith(MARK) else None


def logs(path: Path) -> list[Path]:
    """The log and those before it, the oldest first."""
    return [*sorted(path.parent.glob(path.name + ".*[0-9]")), path]


def read(path: Path, log: str, offset: int) -> Batch | None:
    """What stands there from `offset` on, whole lines, at most MOST_BYTES; None if there is nothing."""
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(MOST_BYTES)
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        return None
    return Batch(log=log, begin=offset, end=offset + len(whole), tallies=tuple(_tallies(whole)))


def _tallies(lines: bytes) -> Iterator[Tally]:
    sums: dict[tuple[str, int], _Sum] = {}
    for line in lines.split(b"\n"):
        parts = line.split(b"\t", 11)
        if len(parts) < 12 or not parts[1]:
            continue
        moment, instance, counted, status, sent, seconds, cached, limited, _, _, address, _ = parts
        hour = int(moment.partition(b".")[0]) // SECONDS_AN_HOUR
        total = sums.setdefault((instance.decode(), hour), _Sum())
        total.requests += 1
        took = int(seconds.replace(b".", b""))
        total.milliseconds += took
        total.lengths[length_of(took)] += 1
        total.cache_hits += cached == b"HIT"
        kind, code = f"{status[:1].decode()}xx", status.decode()
        total.statuses[kind] = total.statuses.get(kind, 0) + 1
        total.codes[code] = total.codes.get(code, 0) + 1
        if counted == b"1" and TURNED_AWAY not in limited:
            total.visits += 1
            total.bytes_out += int(sent)
            path = path_of(address.decode("utf-8", "replace"))
            requests, size = total.paths.get(path, (0, 0))
            total.paths[path] = requests + 1, size + int(sent)
    for (instance_id, hour), total in sums.items():
        yield Tally(
            instance=instance_id,
            hour=hour,
            visits=total.visits,
            bytes_out=total.bytes_out,
            requests=total.requests,
            statuses=total.statuses,
            codes=total.codes,
            cache_hits=total.cache_hits,
            milliseconds=total.milliseconds,
            lengths=tuple(total.lengths),
            paths=add_paths({}, total.paths),
        )
