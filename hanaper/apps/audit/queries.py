"""Reading the audit log."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from hanaper.apps.audit.models import AuditEntry
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.core.errors import Forbidden


def entries_for(
    actor: Actor,
    *,
    account: str | None = None,
    action: str | None = None,
    target: str | None = None,
    user: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """What `actor` may read: an owner their account's entries, an operator all, nobody else any.

    `account`, `user`: public ids; `action`: a word or its first part (`order`); `since` (included) and
    `until` (excluded): business time.
    """
    if actor.kind is ActorKind.CUSTOMER and actor.account_role is not AccountRole.OWNER:
        raise Forbidden(
            "Only owners of the account read its audit log.",
            code="role_too_small",
            next_steps=["Ask an owner of the account."],
        )
    rows: QuerySet[AuditEntry] = AuditEntry.objects.visible_to(actor).select_related(
        "account", "user", "seal"
    )
    exact = {"account__public_id": account, "target": target, "user__public_id": user}
    rows = rows.filter(**{field: value for field, value in exact.items() if value is not None})
    if action is not None:
        rows = rows.filter(action=action) if "." in action else rows.filter(action__startswith=action + ".")
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows


def first_of_request(request_id: str) -> AuditEntry | None:
    """The first entry written under a request's id: the proof that the request took effect."""
    return AuditEntry.objects.filter(request_id=request_id).order_by("pk").first()


def every_entry(rows: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    """All of `rows`, oldest first, without holding them in memory."""
    return rows.order_by("pk").iterator(chunk_size=1000)


def of_thing(public_id: str) -> QuerySet[AuditEntry]:
    """What was done with one thing, oldest first, for whoever may see the thing."""
    return AuditEntry.objects.filter(target=public_id).select_related("user").order_by("pk")[:200]
