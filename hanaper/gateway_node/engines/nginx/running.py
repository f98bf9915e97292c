"""Running nginx: configurations are generations, each tried before it is taken, and the last good one stays.

nginx is a process of its own: a node that dies leaves it serving, and the next one takes it over. When its
master was killed, the workers left behind answer what they have in hand and go, and a new master starts.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import count
from pathlib import Path

import psutil

from hanaper.core.gateway.wire import KeyPair, Snapshot
from hanaper.gateway_node.engines import EngineError, Refused
from hanaper.gateway_node.engines.nginx.kept import forget
from hanaper.gateway_node.engines.nginx.pieces import MOST_UPSTREAMS, Pieces
from hanaper.gateway_node.engines.nginx.rendering import (
    ABOVE,
    AUTHORITIES,
    CACHE,
    CERTIFICATES,
    MOST_ALONE,
    STATIC,
    Machine,
    authority_file,
    render,
)

LOG, ERRORS = "log/requests.log", "log/error.log"
ERROR_BYTES = 64 * 1024 * 1024  # each visit to an origin that is away writes some hundred
GENERATIONS = "generations"
CURRENT = f"{GENERATIONS}/current/nginx.conf"
FOLDERS = (GENERATIONS, CERTIFICATES, AUTHORITIES, CACHE, "log", "temporary")
PEM = ".pem"
START_SECONDS = 10.0
CHANGE_SECONDS = 60.0
STOP_SECONDS = 5.0  # to go, once what is in hand is cut


class Nginx:
    """`folder`: everything that this nginx reads and writes; also its working directory."""

    keeps, alike = MOST_UPSTREAMS, MOST_ALONE

    def __init__(self, folder: Path, machine: Machine) -> None:
        self.folder, self.machine = folder, machine
        self._left: list[psutil.Process] = []  # workers of a master that was killed
        self._pieces = Pieces(ABOVE + CERTIFICATES)
        self.name, self.http3 = machine.binary.name, machine.binary.http3
        self.log = folder / LOG
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        # Of all that is here, workers that run as somebody else read certificates and write what they keep.
        folder.chmod(0o711)
        if machine.user:
            for name in (CACHE, "temporary", CERTIFICATES, AUTHORITIES):
                shutil.chown(folder / name, machine.user)
        (folder / CERTIFICATES).chmod(0o700)

    def apply(
        self, snapshot: Snapshot, certificates: Mapping[str, KeyPair], busiest: Sequence[str] = ()
    ) -> None:
        """New certificates first, then the configuration that names them, then those go that nobody names."""
        for name, pair in certificates.items():
            self._write(f"{CERTIFICATES}/{name}{PEM}", pair.chain.rstrip() + "\n" + pair.key, secret=True)
        text = self._rendered(snapshot, busiest)
        self._take(snapshot.version, text, changed=text != self._current())
        self.keep_running()
        self._forget(CERTIFICATES, {f"{site.certificate}{PEM}" for site in snapshot.sites})
        self._forget(AUTHORITIES, {name for name in self._files(AUTHORITIES) if name in text})

    def refuses(self, snapshot: Snapshot, busiest: Sequence[str] = ()) -> str:
        try:
            text = self._rendered(snapshot, busiest)
            folder = self._written(self._unused(snapshot.version), text)
        except Refused as refused:
            return str(refused)
        try:
            return self._nginx("-t", "-q", "-c", f"{folder}/nginx.conf")
        finally:
            shutil.rmtree(self.folder / folder)

    def certificates(self) -> set[str]:
        return {name.removesuffix(PEM) for name in self._files(CERTIFICATES) if name.endswith(PEM)}

    def applied(self) -> int:
        try:
            name = (self.folder / GENERATIONS / "current").readlink().name
            return int(name.partition(".")[0])
        except (OSError, ValueError):
            return 0

    def draining(self) -> bool:
        """Also while those are there that an earlier master left."""
        master = self._master()
        self._left = [each for each in self._left if self._is_ours(each)]
        return bool(self._left) or any(
            self._is_ours(each) and _is_going(each) for each in (master.children() if master else ())
        )

    def keep_running(self) -> None:
        self._shorten_errors()
        if self._master() is not None or not (self.folder / CURRENT).exists():
            return
        self._left = [each for each in psutil.process_iter() if self._is_ours(each)]
        for left in self._left:  # of a master that was killed: they answer what they have in hand, and go
            left.send_signal(signal.SIGQUIT)
        (self.folder / "nginx.pid").unlink(missing_ok=True)
        until = time.monotonic() + START_SECONDS
        while True:
            wrong = self._nginx("-c", CURRENT)
            if not wrong:
                break
            if time.monotonic() > until:
                raise EngineError(f"nginx does not start: {wrong}")
            time.sleep(0.1)  # the port is not free yet
        while self._master() is None:  # it says who it is a moment after the command has returned
            if time.monotonic() > until:
                raise EngineError("nginx started and went away again; see its error log.")
            time.sleep(0.01)

    def purge(self, instance: str, address: str) -> None:
        forget(self.folder / CACHE, instance, address)

    def begin_new_log(self) -> None:
        master = self._master()
        if master is not None:
            master.send_signal(signal.SIGUSR1)

    def _shorten_errors(self) -> None:
        """The error log that has grown long is put aside, in the place of the one before it."""
        errors = self.folder / ERRORS
        if errors.exists() and errors.stat().st_size > ERROR_BYTES:
            errors.replace(errors.with_name("error.log.before"))
        if not errors.exists():  # also where the power failed before nginx was told: it still writes there
            self.begin_new_log()

    def stop(self) -> None:
        """What is in hand is answered within `stop_seconds`; what takes longer is cut, and in no log."""
        master = self._master()
        if master is None:
            return
        master.send_signal(signal.SIGQUIT)
        try:
            master.wait(self.machine.stop_seconds)
        except psutil.TimeoutExpired:
            master.send_signal(signal.SIGTERM)
            master.wait(STOP_SECONDS)

    def _rendered(self, snapshot: Snapshot, busiest: Sequence[str]) -> str:
        """The configuration; the files of authorities that it names are there then."""
        try:
            for kind in {piece.kind for piece in self._pieces.of(snapshot.sites)}:
                if kind.origin_ca:
                    self._write(authority_file(kind), kind.origin_ca)
            return render(snapshot, self.machine, self._pieces, busiest)
        except (ValueError, LookupError, TypeError) as error:
            raise Refused(f"It cannot be written down for nginx: {type(error).__name__}: {error}") from error

    def _written(self, generation: str, text: str) -> str:
        """The folder of a configuration that is whole."""
        folder = f"{GENERATIONS}/{generation}"
        for name in STATIC:
            self._write(f"{folder}/{name}", resources.files(__package__).joinpath(name).read_text())
        self._write(f"{folder}/nginx.conf", text)
        return folder

    def _take(self, version: int, text: str, *, changed: bool) -> None:
        """Try it, make it the current one, and have it served. EngineError, and nothing changed."""
        generation = self._unused(version)
        folder = self._written(generation, text)
        wrong = self._nginx("-t", "-q", "-c", f"{folder}/nginx.conf") if changed else ""
        if wrong:
            shutil.rmtree(self.folder / folder)
            raise Refused(f"nginx refuses the configuration: {wrong}")
        link = self.folder / GENERATIONS / "next"
        link.unlink(missing_ok=True)
        link.symlink_to(generation)
        link.replace(self.folder / GENERATIONS / "current")
        master = self._master()
        if master is not None and changed:
            before = [each for each in master.children() if self._is_ours(each)]
            master.send_signal(signal.SIGHUP)
            self._wait_for_old(before)
        for old in (self.folder / GENERATIONS).iterdir():
            if old.is_dir() and not old.is_symlink() and old.name != generation:
                shutil.rmtree(old)

    def _unused(self, version: int) -> str:
        """The same version is applied again when origins come and go."""
        names = (f"{version}.{turn}" if turn else str(version) for turn in count())
        return next(name for name in names if not (self.folder / GENERATIONS / name).exists())

    def _wait_for_old(self, before: list[psutil.Process]) -> None:
        """Until they take no connections any more: those come to workers that know the new configuration."""
        until = time.monotonic() + CHANGE_SECONDS
        while any(self._is_ours(each) and not _is_going(each) for each in before):
            if time.monotonic() > until:
                raise EngineError("nginx did not take the new configuration; see its error log.")
            time.sleep(0.01)

    def _nginx(self, *arguments: str) -> str:
        """What it complains of; empty if it is content."""
        command = [self.machine.binary.path, "-p", "./", "-e", "log/error.log", *arguments]
        try:
            done = subprocess.run(
                command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"nginx cannot be asked: {error}") from error
        said = "\n".join(dict.fromkeys(done.stderr.strip().splitlines()))  # it tries a port five times
        return "" if done.returncode == 0 else (said[-500:] or f"exit {done.returncode}")

    def _master(self) -> psutil.Process | None:
        try:
            master = psutil.Process(int((self.folder / "nginx.pid").read_text()))
            return master if self._is_ours(master) else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                process.name() == "nginx"
                and process.status() != psutil.STATUS_ZOMBIE
                and Path(process.cwd()) == self.folder.resolve()
            )
        except (psutil.Error, OSError):
            return False

    def _current(self) -> str:
        try:
            return (self.folder / CURRENT).read_text()
        except OSError:
            return ""

    def _write(self, name: str, text: str, *, secret: bool = False) -> None:
        """Whole or not at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(path.name + ".half")
        mode = 0o600 if secret else 0o644
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
        if secret and self.machine.user:
            shutil.chown(half, self.machine.user)
        half.replace(path)

    def _forget(self, folder: str, named: set[str]) -> None:
        for name in self._files(folder) - named:
            (self.folder / folder / name).unlink(missing_ok=True)

    def _files(self, folder: str) -> set[str]:
        return set(os.listdir(self.folder / folder))  # noqa: PTH208 - ten thousand: no object for each


def _is_going(worker: psutil.Process) -> bool:
    """By the title that nginx gives it."""
    try:
        return "shutting down" in " ".join(worker.cmdline())
    except psutil.Error:
        return True
