"""What dies is started again; what is stopped stops; nothing outlives the supervisor."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hanaper.processes.supervisor import InUse, hold

# A supervisor with one child, whose program is the argument; the child's output is ours.
SUPERVISED = """
import os, sys
from hanaper.processes import supervisor
supervisor.STOP_SECONDS = 1.0
with supervisor.Supervisor(os.environ) as it:
    it.add(supervisor.Child("child", [sys.executable, "-u", "-c", sys.argv[1]]))
    sys.exit(it.run())
"""
STEADY = "import time; print('up', flush=True); time.sleep(60)"
DIES = "print('up', flush=True); raise SystemExit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def supervised(child: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, child],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    process = supervised(STEADY)
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=10)  # ends only once the child let go of the output
    assert (process.returncode, out, err) == (0, "", "")


def test_what_dies_is_started_again_ever_later() -> None:
    process = supervised(DIES)
    assert process.stdout is not None
    started = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert started == ["up\n"] * 3
    assert [line.split()[-2] for line in err.splitlines()][:2] == ["1.0", "2.0"]
    assert "child ended with status 3" in err


def test_what_will_not_stop_is_killed_and_told() -> None:
    process = supervised(STUBBORN)
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (1, "hanaper: child did not stop in time and is killed\n")


WAITS = """
import os, sys
from hanaper.processes import supervisor
supervisor.STOP_SECONDS = 60.0
with supervisor.Supervisor(os.environ) as it:
    it.add(supervisor.Child("child", [sys.executable, "-u", "-c", sys.argv[1]], waits=True))
    sys.stdin.readline()
"""


def test_what_was_never_let_go_on_is_not_waited_for() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS, STUBBORN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.communicate("the tables could not be made\n", timeout=30)
    assert process.returncode == 0


LEAVES = """
import subprocess, sys, time
print("up", flush=True)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def read(process: subprocess.Popen[str], lines: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(lines)]


def test_what_a_killed_child_left_is_ended_before_the_next_one_starts() -> None:
    process = supervised(LEAVES)
    _, left = read(process, 2)
    psutil.Process(int(left)).parent().kill()  # type: ignore[union-attr]
    _, second = read(process, 2)
    assert gone(int(left))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert gone(int(second))


def test_killed_itself_it_leaves_nothing_behind() -> None:
    process = supervised(STEADY)
    read(process, 1)
    process.kill()
    process.communicate(timeout=10)  # ends only once the child let go of the output


def test_one_at_a_time_serves_from_a_data_folder(tmp_path: Path) -> None:
    held = hold(tmp_path / "data")
    with pytest.raises(InUse, match=f"^{os.getpid()}$"):
        hold(tmp_path / "data")
    os.close(held)
    os.close(hold(tmp_path / "data"))
