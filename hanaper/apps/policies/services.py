"""Writing refund policies, and publishing them: which one binds the orders placed after (D9, D17)."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.policies import queries
from hanaper.apps.policies.models import (
    NAME_LENGTH,
    TITLE_LENGTH,
    PolicyDocument,
    PolicyDraft,
    PublishedPolicy,
)
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.core.refund.policy import BadPolicy, Policy, parse_policy
from hanaper.storage.walls import require_staff

NAME = re.compile(rf"[a-z0-9][a-z0-9.-]{{0,{NAME_LENGTH - 1}}}")
MOST_TEXT = 64 * 1024


def write_draft(actor: Actor, *, text: str, at: datetime) -> PolicyDraft:
    """A new draft under the name that its TOML says; it binds nobody until it is published."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    policy = _read(text)
    if policy.name in POLICIES:
        raise _taken(policy.name, "policy")
    columns = {"title": policy.title, "text": text, "created_at": at, "changed_at": at}
    with transaction.atomic():
        draft, made = PolicyDraft.objects.get_or_create(
            name=policy.name, defaults={**columns, "written_by_id": actor.user_id}
        )
        if not made:
            raise _taken(policy.name, "draft")
        record(actor, AuditAction.POLICY_DRAFTED, draft.name, at=at, after=_told(draft))
    return draft


def change_draft(actor: Actor, name: str, *, text: str, version: int | None, at: datetime) -> PolicyDraft:
    """Replace a draft's TOML. `version`: the one that was read, so that nobody's change is lost unseen."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    policy = _read(text)
    if policy.name != name:
        raise InvalidInput(
            f"A draft keeps its name: the text must say {name!r}. Write another draft for another name.",
            field="text",
            code="policy_renamed",
        )
    draft = queries.draft(name)
    if version is not None and version != draft.version:
        raise _changed(name)
    before = _told(draft)
    draft.title, draft.text = policy.title, text
    with transaction.atomic():
        changed = _as_read(draft).update(
            title=draft.title, text=text, changed_at=at, version=draft.version + 1
        )
        if not changed:
            raise _changed(name)
        record(actor, AuditAction.POLICY_DRAFT_CHANGED, name, at=at, before=before, after=_told(draft))
    return queries.draft(name)


def remove_draft(actor: Actor, name: str, *, at: datetime) -> None:
    require_staff(actor, StaffRole.ADMINISTRATOR)
    draft = queries.draft(name)
    with transaction.atomic():
        if not _as_read(draft).delete()[0]:
            raise _changed(name)
        record(actor, AuditAction.POLICY_DRAFT_REMOVED, name, at=at, before=_told(draft))


def publish_policy(actor: Actor, *, name: str, holds_from: datetime, at: datetime) -> PublishedPolicy:
    """Orders placed at `holds_from` or later are bound by the policy `name`; never orders placed before.

    A draft becomes a document by it, which nobody can change any more.
    """
    require_staff(actor, StaffRole.ADMINISTRATOR)
    if holds_from < at:
        raise InvalidInput(
            "A policy holds from now on or later: orders keep the policy they were placed under.",
            field="holds_from",
            code="policy_in_the_past",
            clause="D17",
        )
    with transaction.atomic():
        if name not in POLICIES:
            _freeze(name, at)
        published, created = PublishedPolicy.objects.get_or_create(
            holds_from=holds_from,
            defaults={"name": name, "published_at": at, "published_by_id": actor.user_id},
        )
        if not created:
            raise Refusal(
                f"The policy {published.name} was published to hold from this very moment.",
                code="policy_published",
                field="holds_from",
            )
        told = {"name": name, "holds_from": write_moment(holds_from)}
        record(actor, AuditAction.POLICY_PUBLISHED, name, at=at, after=told)
        emit(
            EventKind.POLICY_PUBLISHED,
            account_id=None,
            subject=name,
            at=at,
            dedupe=f"policy.published:{write_moment(holds_from)}",
            data=told,
        )
    return published


def _freeze(name: str, at: datetime) -> None:
    draft = PolicyDraft.objects.filter(name=name).first()
    if draft is None:
        known = ", ".join([*POLICIES, *queries.drafts().values_list("name", flat=True)])
        raise InvalidInput(
            f"There is no policy {name!r}; there are {known}.", field="name", code="unknown_policy"
        )
    if not _as_read(draft).delete()[0]:
        raise _changed(name)
    PolicyDocument.objects.create(name=name, title=draft.title, text=draft.text, frozen_at=at)


def _as_read(draft: PolicyDraft) -> QuerySet[PolicyDraft]:
    """The draft, unless somebody changed, published or removed it since."""
    return PolicyDraft.objects.filter(pk=draft.pk, version=draft.version)


def _changed(name: str) -> Refusal:
    return Refusal(
        f"Somebody changed the draft {name} since you read it.",
        code="draft_changed",
        field="version",
        next_steps=["Read it again, and make your change to what is there now."],
    )


def _read(text: str) -> Policy:
    if len(text.encode()) > MOST_TEXT:
        raise InvalidInput("A policy has at most 64 kB.", field="text", code="policy_too_long")
    try:
        policy = parse_policy(text)
    except BadPolicy as error:
        raise InvalidInput(
            f"This is no refund policy: {error}.",
            field="text",
            code="bad_policy",
            next_steps=["Begin with the text of a policy that there is, and change what you want changed."],
        ) from error
    if not NAME.fullmatch(policy.name):
        raise InvalidInput(
            f"A policy's name has at most {NAME_LENGTH} small letters, digits, dots and hyphens.",
            field="text",
            code="bad_policy_name",
        )
    if len(policy.title) > TITLE_LENGTH:
        raise InvalidInput(
            f"A title has at most {TITLE_LENGTH} characters.", field="text", code="bad_policy_title"
        )
    return policy


def _taken(name: str, kind: str) -> Refusal:
    return Refusal(
        f"There is a {kind} called {name} already; its name is in the text.",
        code="policy_exists",
        field="text",
        next_steps=["Give it another name, such as the date from which it shall hold."],
    )


def _told(draft: PolicyDraft) -> dict[str, object]:
    return {"name": draft.name, "title": draft.title, "text": draft.text}
