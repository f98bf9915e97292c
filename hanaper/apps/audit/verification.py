"""Has anybody changed the log? The chain is computed again from the rows.

Whoever can write to the database can also recompute the whole chain; a head kept elsewhere (every
`audit_sealed` line of the logs has one) shows that, and shows a tail that was cut off.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from hanaper.apps.audit import chain
from hanaper.apps.audit.models import AuditEntry, AuditSeal
from hanaper.core.errors import InvalidInput

MOST_FAULTS = 100  # reported; the rest is counted


@dataclass(frozen=True, slots=True)
class Break:
    """One thing wrong: at which position of the chain, with which entry (if it is still there)."""

    position: int
    entry: str | None
    fault: str


@dataclass(slots=True)
class AuditReport:
    """`sealed` links were checked, `unsealed` entries wait for the sealer, `head` is `position:hash`."""

    sealed: int = 0
    unsealed: int = 0
    head: str | None = None
    breaks: list[Break] = field(default_factory=list)
    break_count: int = 0

    @property
    def sound(self) -> bool:
        return self.break_count == 0

    def add(self, position: int, entry: str | None, fault: str) -> None:
        self.break_count += 1
        if len(self.breaks) < MOST_FAULTS:
            self.breaks.append(Break(position, entry, fault))

    def as_json(self) -> dict[str, Any]:
        return {
            "sound": self.sound,
            "sealed": self.sealed,
            "unsealed": self.unsealed,
            "head": self.head,
            "break_count": self.break_count,
            "breaks": [{"position": b.position, "entry": b.entry, "fault": b.fault} for b in self.breaks],
        }


def verify(head: str | None = None) -> AuditReport:
    """Check every link; with `head` (`position:hash`, kept elsewhere) also that the log still leads to it.

    After a broken link the chain is followed from the hash that is stored, so that each fault is told once.
    Raises `InvalidInput` for a `head` of another form.
    """
    wanted = _read_head(head)
    report = AuditReport()
    previous, expected, met = chain.GENESIS, 1, None
    for position, stored, entry_pk, entry in _links():
        if position > expected:
            report.add(expected, None, f"{position - expected} links are missing from here")
        if entry is None:
            report.add(position, None, f"the entry it seals (row {entry_pk}) is gone")
        elif chain.link(previous, position, entry) != stored:
            report.add(position, entry.public_id, "the entry or its link was changed")
        if wanted is not None and position == wanted[0]:
            met = stored
        report.sealed += 1
        report.head = f"{position}:{stored}"
        previous, expected = stored, position + 1
    if wanted is not None and met is None:
        report.add(wanted[0], None, "the log ends before the head that was kept elsewhere")
    elif wanted is not None and met != wanted[1]:
        report.add(wanted[0], None, "the hash is not the one of the head that was kept elsewhere")
    report.unsealed = AuditEntry.objects.filter(seal__isnull=True).count()
    return report


def _links() -> Iterator[tuple[int, str, int, AuditEntry | None]]:
    """Position, stored hash and entry of every link; entries are fetched by the thousand.

    Not by a join: a seal whose entry is gone must be seen too.
    """
    seals = AuditSeal.objects.order_by("position").values_list("position", "hash", "entry_id")
    for batch in batched(seals.iterator(chunk_size=1000), 1000):
        rows = AuditEntry.objects.select_related("account", "user").in_bulk([link[2] for link in batch])
        for position, stored, entry_pk in batch:
            yield position, stored, entry_pk, rows.get(entry_pk)


def _read_head(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", head.strip().lower())
    if found is None:
        raise InvalidInput(
            "A head is a position, a colon and 64 hexadecimal digits.", field="head", code="bad_head"
        )
    return int(found[1]), found[2]
