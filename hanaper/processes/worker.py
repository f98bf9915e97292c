"""The worker: runs wake-ups as they come, and sweeps for whatever is due and was not woken.

`python -m hanaper.processes.worker`. Losing every queued wake-up costs one sweep's time, nothing else.
"""

import os
import signal
import threading
import time
from types import FrameType

import django

from hanaper.processes.bare import without_terminals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
if __name__ == "__main__":
    without_terminals()
django.setup()

from django.conf import settings  # noqa: E402  settings exist only after setup
from django.db import DatabaseError, close_old_connections  # noqa: E402
from django_ox.worker import Worker  # noqa: E402

from hanaper import clock, wiring  # noqa: E402
from hanaper.apps.clock.services import refuse_other_mode  # noqa: E402
from hanaper.apps.recovery import services as recovery  # noqa: E402
from hanaper.sandbox_dns.name_server import NameServer, ask_the_system  # noqa: E402
from hanaper.sandbox_dns.records import ZONE, FileRecords  # noqa: E402
from hanaper.storage.logs import logger  # noqa: E402
from hanaper.storage.sweeping import some_broke, tell_broken  # noqa: E402

log = logger(__name__)


def sweep_once() -> int:
    """One round over every area's sweep; how many things were done. One that fails stops no other."""
    done = 0
    for name, sweep in wiring.SWEEPS:
        started = time.monotonic()
        try:
            count = sweep(clock.now(), clock.system_now())
        except Exception:
            tell_broken()
            log.exception("sweep_failed", sweep=name)
            continue
        done += count
        if count:
            log.info("sweep_done", sweep=name, count=count, seconds=round(time.monotonic() - started, 3))
    return done


def sweep_until(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        sweep_once()
        try:
            recovery.beat("sweep", clock.system_now())
            if some_broke():
                recovery.beat("sweep failure", clock.system_now())
        except DatabaseError:
            log.exception("heartbeat_failed")
        stop.wait(settings.SWEEP_SECONDS)


def serve_sandbox_dns() -> None:
    """For the domains of whoever tries the sandbox; if another worker has the port, it answers."""
    if f"127.0.0.1:{settings.SANDBOX_DNS_PORT}" not in settings.RESOLVERS or not settings.SANDBOX:
        return
    # Whoever leads a name to the gateway finds the node of this machine.
    here = {(f"*.{settings.GATEWAY_ZONE}", "A"): ["127.0.0.1"]}
    records = FileRecords(settings.SANDBOX_DNS_RECORDS, here)
    try:
        NameServer(records, port=settings.SANDBOX_DNS_PORT, zone=ZONE, forward=ask_the_system)
    except OSError as error:
        log.warning("sandbox_dns_not_started", port=settings.SANDBOX_DNS_PORT, reason=error.strerror)


def main() -> None:
    refuse_other_mode()
    stop = threading.Event()
    worker = Worker(concurrency=1, poll_interval=0.25, lock_timeout=60)

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        # A thread, because request_stop takes locks that this very thread may hold.
        stop.set()
        threading.Thread(target=worker.request_stop, daemon=True).start()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    sweeper = threading.Thread(target=sweep_until, args=[stop], name="sweep")
    sweeper.start()
    serve_sandbox_dns()
    log.info("worker_started", sweep_seconds=settings.SWEEP_SECONDS)
    try:
        worker.run()
    finally:
        stop.set()
        sweeper.join(timeout=15)
    log.info("worker_stopped")


if __name__ == "__main__":
    main()
