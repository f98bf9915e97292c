"""The power fails while two persons enable and reset a root: each is done once, and no key is left over."""

import json
import signal

import pytest

from tests.forks import Forks

POINTS = (
    "private_ca.ceremony.after_approval",
    "private_ca.enable.after_key",
    "private_ca.enable.after_intent",
    "authority.issue.before_sign",
    "private_ca.enable.after_sign",
    "private_ca.enable.after_commit",
    "private_ca.ceremony.after_verb",
    "private_ca.reset.after_commit",
    "private_ca.reset.after_end",
    "authority.end.after_last_list",
    "authority.end.before_destroy",
)
TRUTH = {
    "root": "not_enabled",
    "ceremonies": [["enable", "carried_out"], ["reset", "carried_out"]],
    "sound": True,
    "told": 2,
    "enabled": 1,
    "reset": 1,
    "authorities": [True],
    "keys left over": 0,
}


@pytest.mark.process
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_two_persons_are_at_it(point: str, forks: Forks) -> None:
    killed = forks.run("tests.faults.roots", crash_at=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was never reached: {killed.stdout}{killed.stderr}"
    again = forks.run("tests.faults.roots")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == TRUTH
