"""The audit trail, for areas that lie below the audit area (clock, secrets, accounts).

`wiring.py` connects the one recorder. Recording without one is a fault in the wiring, never a silence.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from hanaper.core.actor import Actor


class Recorder(Protocol):
    def __call__(
        self,
        actor: Actor,
        action: str,
        target: str,
        *,
        at: datetime,
        account_id: int | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> object: ...


_recorders: list[Recorder] = []


def connect(recorder: Recorder) -> None:
    """Called once, by `wiring.py`."""
    _recorders[:] = [recorder]


def record(
    actor: Actor,
    action: str,
    target: str,
    *,
    at: datetime,
    account_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """As `audit.services.record`; `action` is a word of the audit vocabulary."""
    if not _recorders:
        raise RuntimeError("nobody records the audit trail: wiring.connect() has not run")
    _recorders[0](actor, action, target, at=at, account_id=account_id, before=before, after=after)
