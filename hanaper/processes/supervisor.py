"""`hanaper up`: start the processes of one machine, restart what dies, stop cleanly on Ctrl-C.

The supervisor imports no Django: it stays small, and a broken setting shows in the child that needs it.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

STOP_SECONDS = 20.0  # what a child gets to finish what it has in hand
STEADY_SECONDS = 30.0  # a child that lived this long starts again with the shortest delay
LONGEST_DELAY = 15.0
GO_ON = "HANAPER_GO_ON"
LOCK = "up.lock"  # in the data folder, held by whoever serves from it
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)
_system = ctypes.CDLL(None)


class InUse(Exception):
    """Another supervisor serves from this data folder."""


def hold(data: Path) -> int:
    """The lock on a data folder, until this process ends. InUse; OSError if it cannot be written there."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 20).decode().strip()
        os.close(lock)
        raise InUse(holder) from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _die_with_parent() -> None:
    """Between fork and exec: whoever is killed, its children are told to stop; on Linux."""
    if sys.platform == "linux":
        _system.prctl(DIE_WITH_PARENT, signal.SIGTERM, 0, 0, 0)


@dataclass(slots=True)
class Child:
    """One supervised process and how it has fared.

    One that `waits` is given the end of a pipe, by number in the variable `GO_ON`; `go_on` closes the other.
    """

    name: str
    command: Sequence[str]
    waits: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = 0.5
    due: float = 0.0
    gate: int | None = None
    group: int | None = None  # of the process, and of those that it started

    def start(self, environment: Mapping[str, str]) -> None:
        self.signal_group(signal.SIGKILL)  # what was left of the one before
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops
        # the children in order.
        if self.waits:
            theirs, self.gate = os.pipe()
            environment = {**environment, GO_ON: str(theirs)}
        self.process = subprocess.Popen(
            self.command,
            env=dict(environment),
            start_new_session=True,
            pass_fds=[theirs] if self.waits else (),
            preexec_fn=_die_with_parent,
        )
        self.group = self.process.pid
        if self.waits:
            os.close(theirs)
        self.started = time.monotonic()

    def go_on(self) -> None:
        self.waits = False
        if self.gate is not None:
            os.close(self.gate)
            self.gate = None

    def signal_group(self, number: signal.Signals) -> None:
        if self.group is None:
            return
        try:
            os.killpg(self.group, number)
        except ProcessLookupError:
            self.group = None


class Supervisor:
    """Keeps the added children running until a signal arrives: `with Supervisor(environment) as supervisor`.

    From the first line of the block on, nothing that was started outlives it.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.children: list[Child] = []
        self.environment = dict(environment)
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.stop)
        return self

    def __exit__(self, *_error: object) -> None:
        self.shut_down()

    def add(self, child: Child) -> None:
        """Start a child now; `run` watches it."""
        child.start(self.environment)
        self.children.append(child)

    def stop(self, *_signal: object) -> None:
        self._stop.set()

    def run(self) -> int:
        """Watch, then stop. The exit status: 0 after a clean stop, 1 if a child had to be killed."""
        while not self._stop.wait(0.2):
            self._watch()
        return 0 if self.shut_down() else 1

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                status = child.process.returncode
                child.delay = (
                    0.5 if now - child.started > STEADY_SECONDS else min(child.delay * 2, LONGEST_DELAY)
                )
                child.process, child.due = None, now + child.delay
                child.signal_group(signal.SIGTERM)  # what it started, and left behind
                sys.stderr.write(
                    f"hanaper: {child.name} ended with status {status}; starting it again in"
                    f" {child.delay:.1f} s\n"
                )
            if child.process is None and now >= child.due:
                child.start(self.environment)

    def shut_down(self) -> bool:
        """Stop what runs; whether all of it stopped when asked to. What still waits has nothing in hand."""
        for child in self.children:
            child.signal_group(signal.SIGKILL if child.waits else signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        clean = True
        for child in self.children:
            if child.process is None:
                child.signal_group(signal.SIGKILL)
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"hanaper: {child.name} did not stop in time and is killed\n")
                child.signal_group(signal.SIGKILL)
                child.process.wait()
                clean = False
            child.signal_group(signal.SIGKILL)
        return clean
