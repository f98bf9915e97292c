"""The service itself: time to the first page and memory while idle, each against what was promised.

The "peer" is the promise (five seconds, 250 MiB); the ratio says how much of it is not used up.
"""

import tempfile
import time
from pathlib import Path

from bench.result import Result
from hanaper.demo.stage import Stage

SECONDS, MEBIBYTES = 5.0, 250.0


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        stage = Stage(Path(folder))
        began = time.perf_counter()
        try:
            stage.start()
            first = stage.first_answer - began
            time.sleep(10)
            memory = sum(_proportional(pid) for pid in _family(stage.pid)) / 1024
        finally:
            stage.stop()
    promise = "the promise"
    return [
        Result("first page, fresh data folder", "times a second", 1 / first, promise, 1 / SECONDS),
        Result("idle memory of all processes", "services per GiB", 1024 / memory, promise, 1024 / MEBIBYTES),
    ]


def _family(pid: int) -> list[int]:
    """The process and whatever it started."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += _family(int(path.parent.name))
    return found


def _proportional(pid: int) -> int:
    """Memory in KiB, with what is shared counted once over all who share it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
