"""Named places where a test may cut the power.

`crashpoint("name")` does nothing unless the environment variable `HANAPER_CRASH_AT` names it; then the
process dies as by SIGKILL: no `finally`, no rollback by us, no flush. Production code carries the calls
at each seam between intention, effect and outcome; `tests/faults` kills the service at every one.
"""

import os
import signal

ARMED = os.environ.get("HANAPER_CRASH_AT", "")


def crashpoint(name: str) -> None:
    if ARMED and name == ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
