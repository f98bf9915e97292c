"""Refund against issue: nobody gets the money back and keeps a certificate that clients trust.

A certificate is being reissued while its revocation is approved and its order refunded, by processes of
their own. The worker has found that the new one is still wanted when the operator approves.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.installations import ROOT
from tests.races.guards import Gate

pytestmark = [pytest.mark.postgres, pytest.mark.process]


def start(word: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.races.actor", word],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def race(installation: dict[str, str], folder: Path, without: str = "") -> dict[str, Any]:
    assert end(start("prepare", installation)) == {
        "reissue": "issuing",
        "certificate": "validating_revocation",
    }
    (folder / "gate").mkdir()
    gate = Gate(folder / "gate")
    environment = {**installation, "RACE_WITHOUT": without, "RACE_GATE": str(folder / "gate")}
    worker = start("deliver", {**environment, "RACE_PAUSE": "wanted"})
    gate.wait_for(1)
    operator = start("refund", environment)
    if without:
        assert end(operator) == {"refund": "paying"}
        gate.open()
    else:  # the operator waits for the worker
        with pytest.raises(subprocess.TimeoutExpired):
            operator.wait(4)
        gate.open()
        assert end(operator) == {"refund": "paying"}
    end(worker)
    return end(start("look", installation))


def test_refunded_and_nothing_valid(installation: dict[str, str], tmp_path: Path) -> None:
    assert race(installation, tmp_path) == {"refund": "succeeded", "valid": 0}


def test_and_would_not_be_without_the_lock(installation: dict[str, str], tmp_path: Path) -> None:
    assert race(installation, tmp_path, without="row_locks") == {"refund": "succeeded", "valid": 1}
