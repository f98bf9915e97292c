"""Writing the audit log: `record` in the transaction of what it tells, `seal_pending` by the sweep."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from hanaper import clock
from hanaper.apps.accounts import idempotency
from hanaper.apps.audit import chain
from hanaper.apps.audit.models import AuditEntry, AuditSeal
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.core.actor import Actor
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger

log = logger(__name__)

BATCH = 500
# Under PostgreSQL a row with a smaller id may become visible after one with a larger id was sealed. The
# sealer looks this far back; later ones are shown by `verify`, and sealed by `seal_pending(whole=True)`.
LOOK_BACK = 10_000


def record(
    actor: Actor,
    action: AuditAction | str,
    target: str,
    *,
    at: datetime,
    account_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry in the caller's transaction; call it inside the transaction that it tells of.

    `target` is a public id (or a fixed word such as `clock`); `at` business time; `account_id` the account
    whose owners may read the entry (by default the actor's own); `before` and `after` JSON values, only what
    changed. What is called a secret is taken out. ValueError: an action outside the vocabulary.
    """
    idempotency.fence()
    return AuditEntry.objects.create(
        account_id=account_id if account_id is not None else actor.account_id,
        at=at,
        system_at=clock.system_now(),
        actor_kind=actor.kind.value,
        actor_name=actor.name[:300].replace("\x00", ""),
        user_id=actor.user_id,
        access_key=actor.access_key,
        address=actor.address,
        request_id=actor.request_id,
        action=AuditAction(action).value,
        target=target[:128],
        before=None if before is None else chain.redacted(before),
        after=None if after is None else chain.redacted(after),
    )


def seal_pending(*, whole: bool = False) -> int:
    """Seal entries that have no seal yet, in batches, oldest first; how many.

    Safe to run at once from several processes: a position exists once, so the slower one rolls back and
    leaves the rest to the next sweep. `whole` looks through the entire log instead of its recent part.
    """
    sealed = 0
    while True:
        count = _seal_batch(whole)
        sealed += count
        if count < BATCH:
            return sealed


def _seal_batch(whole: bool) -> int:
    try:
        with transaction.atomic():
            last = AuditSeal.objects.order_by("-position").first()
            pending = AuditEntry.objects.filter(seal__isnull=True)
            if last is not None and not whole:
                pending = pending.filter(pk__gt=last.entry_id - LOOK_BACK)
            position, previous = (last.position, last.hash) if last else (0, chain.GENESIS)
            seals = []
            now = clock.system_now()
            for entry in pending.select_related("account", "user").order_by("pk")[:BATCH]:
                position += 1
                previous = chain.link(previous, position, entry)
                seals.append(AuditSeal(position=position, entry=entry, hash=previous, sealed_at=now))
            if not seals:
                return 0
            AuditSeal.objects.bulk_create(seals)
            crashpoint("audit.seal.before_commit")
    except IntegrityError:  # another sealer was faster
        return 0
    crashpoint("audit.seal.after_commit")
    # The log leaves the machine by other ways than the database: every head in it is one kept elsewhere.
    log.info("audit_sealed", count=len(seals), head=f"{position}:{previous}")
    return len(seals)
