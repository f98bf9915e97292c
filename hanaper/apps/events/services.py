"""The outbox: `emit` in the transaction of what happened; the sweep makes notices and letters of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from hanaper.apps.events.models import Event, Notice
from hanaper.apps.events.queries import notices_for
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import Actor
from hanaper.storage.walls import require_write


def emit(
    kind: EventKind,
    *,
    account_id: int | None,
    subject: str,
    at: datetime,
    dedupe: str,
    data: Mapping[str, Any],
    quiet_since: datetime | None = None,
) -> Event:
    """Write an event in the caller's transaction; with a `dedupe` that exists, the event that is there.

    `account_id`: whose members are told (None: the operators); `subject`: the public id of what it is about;
    `dedupe`: what makes this happening the same one, such as `order.paid:ord_...`; `data`: JSON values for
    the text and for webhooks, no secrets; `quiet_since`: system time, if nobody is told by notice or letter.
    """
    event, _ = Event.objects.get_or_create(
        dedupe=dedupe,
        defaults={
            "kind": EventKind(kind).value,
            "account_id": account_id,
            "subject": subject,
            "at": at,
            "data": dict(data),
            "delivered_at": quiet_since,
        },
    )
    return event


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be, as for `emit`."""

    kind: EventKind
    account_id: int | None
    subject: str
    at: datetime
    dedupe: str
    data: Mapping[str, Any]


def emit_many(drafts: Iterable[Draft]) -> None:
    """`emit` for many at once, in the caller's transaction; those that exist stay as they are."""
    Event.objects.bulk_create(
        (
            Event(
                kind=EventKind(draft.kind).value,
                account_id=draft.account_id,
                subject=draft.subject,
                at=draft.at,
                dedupe=draft.dedupe,
                data=dict(draft.data),
            )
            for draft in drafts
        ),
        ignore_conflicts=True,
    )


def mark_read(actor: Actor, notice: Notice, *, at: datetime) -> Notice:
    """A member has read it: it is read for the whole account. Doing it twice keeps the first time."""
    require_write(actor)
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
    notice.refresh_from_db()
    return notice


def mark_all_read(actor: Actor, *, at: datetime) -> int:
    """Every unread notice of the actor's account (an operator: of the operators); how many."""
    require_write(actor)
    return notices_for(actor, unread=True).update(read_at=at)
