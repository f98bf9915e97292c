"""Authorizations: made with an order, or before it; reused while they hold; given up by the client."""

import secrets as randomness
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from hanaper.apps.acme import limits
from hanaper.apps.acme.directories import refuse_unless_issuing
from hanaper.apps.acme.locks import lock_account
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, Authorization, Challenge
from hanaper.apps.acme.services.permission import Permission
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.core.acme.challenges import kinds_for
from hanaper.core.acme.identifiers import Identifier, read_identifiers
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState, before
from hanaper.core.actor import Actor
from hanaper.core.certificate.validity import DOMAIN_VALIDATION_REUSE
from hanaper.core.x509.dated_limits import limit_at
from hanaper.storage.composed import Change, composed, composed_change

PENDING_DAYS = timedelta(days=7)
TOKEN_BYTES = 32  # 256 bits; RFC 8555 8.1 asks for 128

_OPEN = (AuthorizationState.PENDING, AuthorizationState.VALID)


def authorizations_for(
    account: AcmeAccount, identifiers: Sequence[Identifier], *, at: datetime
) -> list[Authorization]:
    """One for each, those that are open used again. In the caller's transaction, the account locked."""
    known: dict[tuple[str, str, bool], Authorization] = {}
    for row in _open_for.all(account.pk, [one.base for one in identifiers], at):
        name = (row.kind, row.value, row.wildcard)
        # One that is valid before one that is pending; of two alike the one that lasts longer.
        if (
            name not in known
            or known[name].state != AuthorizationState.VALID
            or row.state == known[name].state
        ):
            known[name] = row
    wanted = [(one, known.get((one.kind, one.base, one.wildcard))) for one in identifiers]
    missing = [one for one, row in wanted if row is None]
    made = iter(_make(account, missing, at))
    return [row or next(made) for _, row in wanted]


@composed
def _open_for(account_pk: int, values: list[str], at: datetime) -> QuerySet[Authorization]:
    rows = Authorization.objects.filter(acme_account=account_pk, value__in=values)
    return rows.filter(state__in=_OPEN, expires_at__gt=at).order_by("expires_at")


def _make(account: AcmeAccount, identifiers: Sequence[Identifier], at: datetime) -> list[Authorization]:
    made = Authorization.objects.bulk_create(
        Authorization(
            acme_account=account,
            kind=one.kind,
            value=one.base,
            wildcard=one.wildcard,
            created_at=at,
            expires_at=at + PENDING_DAYS,
        )
        for one in identifiers
    )
    Challenge.objects.bulk_create(
        # RFC 8555 8.1: a token for each, so that one that leaks proves nothing elsewhere.
        Challenge(authorization=row, kind=kind, token=randomness.token_urlsafe(TOKEN_BYTES))
        for row, one in zip(made, identifiers, strict=True)
        for kind in kinds_for(one)
    )
    return made


def valid_until(at: datetime) -> datetime:
    """How long what was shown now holds: as the installation says, and never beyond the dated limit."""
    return at + min(
        timedelta(days=settings.ACME_AUTHORIZATION_DAYS, hours=1), limit_at(DOMAIN_VALIDATION_REUSE, at)
    )


def authorize_ahead(
    account: AcmeAccount, identifier: object, *, at: datetime, system_at: datetime
) -> Authorization:
    """Before any order (RFC 8555 7.4.1)."""
    refuse_unless_issuing(account.ca, at)
    (wanted,) = read_identifiers([identifier], wildcards=False)
    Permission.of(account, at).refuse_names([wanted])
    limits.count_order(account)
    limits.refuse_after_failures(account, [wanted], system_at)
    with transaction.atomic():
        lock_account(account.pk)
        return authorizations_for(account, [wanted], at=at)[0]


def authorization_of(account: AcmeAccount, public_id: str, *, at: datetime) -> Authorization:
    """AcmeProblem `malformed`, 404, for another account's as for none."""
    row = _of_account.first(account.pk, public_id)
    if row is None:
        raise malformed("There is no such authorization.", 404)
    return settle_authorization(row, at)


@composed
def _of_account(account_pk: int, public_id: str) -> QuerySet[Authorization]:
    return Authorization.objects.filter(acme_account=account_pk, public_id=public_id)


def challenges_of(row: Authorization) -> list[Challenge]:
    """The first made first."""
    return _challenges.all(row.pk)


@composed
def _challenges(authorization_pk: int) -> QuerySet[Challenge]:
    return Challenge.objects.filter(authorization=authorization_pk).order_by("pk")


def settle_authorization(row: Authorization, at: datetime) -> Authorization:
    """One whose time is over says so: proven it is expired, not proven it failed, and its orders with it."""
    if row.expires_at > at or row.state not in _OPEN:
        return row
    ended = (
        AuthorizationState.EXPIRED if row.state == AuthorizationState.VALID else AuthorizationState.INVALID
    )
    with transaction.atomic():
        lock_account(row.acme_account_id)
        _end(row, ended, "The authorization has expired.")
    row.refresh_from_db()
    return row


def deactivate(actor: Actor, row: Authorization, *, at: datetime) -> Authorization:
    """The client gives it up (RFC 8555 7.5.2). A second time changes nothing."""
    with transaction.atomic():
        lock_account(row.acme_account_id)
        if _end(row, AuthorizationState.DEACTIVATED, "The authorization was deactivated."):
            record(
                actor,
                AuditAction.ACME_AUTHORIZATION_DEACTIVATED,
                row.public_id,
                at=at,
                after={"identifier": row.value, "wildcard": row.wildcard},
            )
    row.refresh_from_db()
    return row


def _end(row: Authorization, state: AuthorizationState, detail: str) -> bool:
    """To one of its ends, and the orders that still need it to theirs. The account is locked."""
    rows = Authorization.objects.filter(pk=row.pk, state__in=before(state))
    if not rows.update(state=state):
        return False
    fail_orders(row, AcmeProblem(ProblemType.UNAUTHORIZED, detail))
    return True


def fail_orders(row: Authorization, problem: AcmeProblem) -> None:
    """Orders that wait for this authorization, or rest on it, cannot go on. The account is locked."""
    waiting = AcmeOrder.objects.filter(
        authorizations=row, state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY]
    )
    pks = list(waiting.values_list("pk", flat=True))
    AcmeOrder.objects.filter(pk__in=pks, state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY]).update(
        state=AcmeOrderState.INVALID, error=problem.document()
    )


def promote_orders(row: Authorization) -> None:
    """Orders that waited for nothing else are ready (RFC 8555 7.1.6). The account is locked."""
    _promote(row.pk)


@composed_change
def _promote(authorization_pk: int) -> Change:
    waiting = Authorization.objects.filter(orders=OuterRef("pk")).exclude(state=AuthorizationState.VALID)
    rows = AcmeOrder.objects.filter(authorizations=authorization_pk, state=AcmeOrderState.PENDING)
    return Change(rows.filter(~Exists(waiting)), state=AcmeOrderState.READY)
