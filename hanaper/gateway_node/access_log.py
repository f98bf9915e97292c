"""The newest lines of an instance's access log, for its owner: one JSON object a line, compressed."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hanaper.gateway_node import counting

MOST_LINES = 20_000
MOST_READ = 128 * 1024 * 1024  # of all logs together, from the newest backwards
PIECE = 1024 * 1024


def newest(log: Path, instance: str) -> bytes:
    """Gzip; in the order in which the requests ended."""
    wanted = instance.encode()
    lines: list[bytes] = []
    for line in _backwards(log):
        parts = line.split(b"\t")
        if len(parts) == 14 and parts[1] == wanted:
            lines.append(_told(parts))
            if len(lines) == MOST_LINES:
                break
    return gzip.compress(b"".join(reversed(lines)), mtime=0)


def _told(parts: list[bytes]) -> bytes:
    told = [_text(part) for part in parts]
    moment, _, counted, status, sent, seconds, cached, limited = told[:8]
    protocol, method, address, visitor, referer, agent = told[8:]
    said = {
        "at": datetime.fromtimestamp(float(moment), UTC).isoformat(timespec="milliseconds"),
        "visitor": visitor,
        "method": method,
        "address": address,
        "protocol": protocol,
        "status": int(status),
        "bytes": int(sent),
        "seconds": float(seconds),
        "cache": cached,
        "visit": counted == "1" and counting.TURNED_AWAY not in limited.encode(),
        "referer": referer,
        "user_agent": agent,
    }
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


def _text(part: bytes) -> str:
    """As it was before nginx escaped it for JSON (`escape=json`)."""
    try:
        return str(json.loads(b'"' + part + b'"', strict=False))
    except ValueError:
        return part.decode("utf-8", "replace")


def _backwards(log: Path) -> Iterator[bytes]:
    """Whole lines of the log and those before it, the newest first."""
    left = MOST_READ
    for path in reversed(counting.logs(log)):
        with path.open("rb") as file:
            position = file.seek(0, 2)
            begun, ended = b"", False  # whether the end of the last whole line was seen
            while position and left > 0:
                size = min(PIECE, position)
                position, left = position - size, left - size
                file.seek(position)
                lines = (file.read(size) + begun).split(b"\n")
                if not ended:
                    lines.pop()  # half a line, or nothing
                    ended = bool(lines)
                begun, *whole = lines or [b""]
                yield from reversed(whole)
            if position == 0:
                yield begun
