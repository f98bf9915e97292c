"""The log for elsewhere: JSON lines that carry the chain, or CSV for a spreadsheet."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from hanaper.apps.audit import chain
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.audit.queries import every_entry
from hanaper.storage import spreadsheets

COLUMNS = (
    "position", "hash", "id", "at", "system_at", "account", "kind", "name", "user", "access_key", "address",
    "request_id", "action", "target", "before", "after",
)  # fmt: skip


def as_json(entry: AuditEntry) -> dict[str, Any]:
    """What is sealed of an entry, and its seal (null while it waits for one)."""
    seal = getattr(entry, "seal", None)
    return {
        **chain.content_of(entry),
        "seal": None if seal is None else {"position": seal.position, "hash": seal.hash},
    }


def json_lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """One entry a line, oldest first."""
    for entry in every_entry(rows):
        yield json.dumps(as_json(entry), ensure_ascii=False, sort_keys=True) + "\n"


def csv_lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """A header, then one entry a line, oldest first."""
    return spreadsheets.csv_lines(COLUMNS, map(_flat, every_entry(rows)))


def _flat(entry: AuditEntry) -> list[Any]:
    content = as_json(entry)
    flat = {**content, **content["actor"], **(content["seal"] or {}), "id": content["id"]}
    for side in ("before", "after"):
        flat[side] = "" if flat[side] is None else json.dumps(flat[side], ensure_ascii=False)
    return [flat.get(column) for column in COLUMNS]
