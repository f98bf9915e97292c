"""Orders: placed, looked at, and ended by the clock (RFC 8555 7.4)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.acme import limits
from hanaper.apps.acme.directories import refuse_unless_issuing
from hanaper.apps.acme.locks import lock_account
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, Authorization
from hanaper.apps.acme.services.authorizations import authorizations_for
from hanaper.apps.acme.services.permission import Permission
from hanaper.apps.acme.services.renewing import certificate_named
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.acme.identifiers import Identifier, read_identifiers
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState, before
from hanaper.core.actor import Actor
from hanaper.storage.composed import composed

ORDER_DAYS = timedelta(days=7)
BACKDATED = timedelta(hours=1)  # certificates begin so much before they are made
EXPIRED = AcmeProblem(ProblemType.MALFORMED, "The order has expired.").document()


def new_order(
    actor: Actor, account: AcmeAccount, body: Mapping[str, Any], *, at: datetime, system_at: datetime
) -> AcmeOrder:
    """The order, or an equal one of this account that is still open.

    AcmeProblem: `malformed`, `unsupportedIdentifier`, `rejectedIdentifier`, `unauthorized`, `rateLimited`,
    `alreadyReplaced`.
    """
    identifiers = read_identifiers(body.get("identifiers"))
    not_after = _asked_end(body, at)
    replaces = body.get("replaces", "")
    if not isinstance(replaces, str):
        raise malformed("replaces is the identifier of a certificate.")
    refuse_unless_issuing(account.ca, at)
    Permission.of(account, at).refuse_names(identifiers)
    replaced = _replaced(account, replaces, identifiers) if replaces else None
    with transaction.atomic():
        lock_account(account.pk)
        known = _open_one(account, identifiers, not_after, replaces, at)
        if known is not None:
            return known
        if replaced is None:  # RFC 9773 5: renewing in time is not to be hindered
            limits.count_order(account)
        limits.refuse_after_failures(account, list(identifiers), system_at)
        authorizations = authorizations_for(account, identifiers, at=at)
        proven = all(each.state == AuthorizationState.VALID for each in authorizations)
        order = AcmeOrder.objects.create(
            acme_account=account,
            state=AcmeOrderState.READY if proven else AcmeOrderState.PENDING,
            identifiers=[one.document() for one in identifiers],
            not_after=not_after,
            replaces=replaces,
            replaced=replaced,
            created_at=at,
            expires_at=min([at + ORDER_DAYS, *(each.expires_at for each in authorizations)]),
        )
        order.authorizations.add(*authorizations)
        record(
            actor,
            AuditAction.ACME_ORDER_PLACED,
            order.public_id,
            at=at,
            after={"identifiers": [one.value for one in identifiers], "replaces": replaces},
        )
    return order


def orders_of(account: AcmeAccount) -> QuerySet[AcmeOrder]:
    """Every one, the newest first (RFC 8555 7.1.2.1 leaves out those that are invalid)."""
    rows = AcmeOrder.objects.filter(acme_account=account).exclude(state=AcmeOrderState.INVALID)
    return rows.order_by("-pk")


def order_of(account: AcmeAccount, public_id: str, *, at: datetime) -> AcmeOrder:
    """AcmeProblem `malformed`, 404, for another account's as for none."""
    order = _of_account.first(account.pk, public_id)
    if order is None:
        raise malformed("There is no such order.", 404)
    order.acme_account = account
    return settle_order(order, at)


@composed
def _of_account(account_pk: int, public_id: str) -> QuerySet[AcmeOrder]:
    rows = AcmeOrder.objects.filter(acme_account=account_pk, public_id=public_id)
    return rows.select_related("certificate")


def authorizations_of(order: AcmeOrder) -> list[str]:
    """Their public ids, the oldest first."""
    return _authorizations.all(order.pk)


@composed
def _authorizations(order_pk: int) -> QuerySet[Authorization, str]:
    return Authorization.objects.filter(orders=order_pk).order_by("pk").values_list("public_id", flat=True)


def settle_order(order: AcmeOrder, at: datetime) -> AcmeOrder:
    """One whose time is over has failed."""
    if order.expires_at > at or order.state not in (AcmeOrderState.PENDING, AcmeOrderState.READY):
        return order
    rows = AcmeOrder.objects.filter(pk=order.pk, state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY])
    rows.filter(state__in=before(AcmeOrderState.INVALID)).update(state=AcmeOrderState.INVALID, error=EXPIRED)
    order.refresh_from_db()
    return order


def _open_one(
    account: AcmeAccount,
    identifiers: Sequence[Identifier],
    not_after: datetime | None,
    replaces: str,
    at: datetime,
) -> AcmeOrder | None:
    wanted = ([one.document() for one in identifiers], not_after)
    # JSON is compared here, for databases disagree on how.
    return next(
        (
            order
            for order in _newest_open.all(account.pk, replaces, at)
            if (order.identifiers, order.not_after) == wanted
        ),
        None,
    )


@composed
def _newest_open(account_pk: int, replaces: str, at: datetime) -> QuerySet[AcmeOrder]:
    """A few: who has more open at once orders again what is open, and nothing is lost."""
    rows = AcmeOrder.objects.filter(
        acme_account=account_pk,
        state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY],
        replaces=replaces,
        expires_at__gt=at,
    )
    return rows.order_by("-pk")[:20]


def _asked_end(body: Mapping[str, Any], at: datetime) -> datetime | None:
    """Certificates begin when they are made; their end may be asked for, and is judged with the CSR."""
    begin, end = (_moment(body.get(field), field) for field in ("notBefore", "notAfter"))
    if begin is not None and not at - BACKDATED <= begin <= at + timedelta(minutes=5):
        raise malformed("notBefore: certificates begin when they are made; leave it out.")
    if end is not None and end <= at:
        raise malformed("notAfter lies in the past.")
    return end


def _moment(given: object, field: str) -> datetime | None:
    if given is None:
        return None
    try:
        found = datetime.fromisoformat(given)  # type: ignore[arg-type]  # a TypeError is told below
    except (TypeError, ValueError):
        raise malformed(f"{field} is no time in RFC 3339.") from None
    if found.tzinfo is None:
        raise malformed(f"{field} is no time in RFC 3339.")
    return found.astimezone(UTC).replace(microsecond=0)


def _replaced(account: AcmeAccount, replaces: str, identifiers: Sequence[Identifier]) -> PrivateCertificate:
    """RFC 9773 5: one of this account's, for a name in common, that no other order has replaced."""
    certificate = certificate_named(account.ca, replaces)
    order = (
        None
        if certificate is None
        else AcmeOrder.objects.filter(certificate=certificate, acme_account=account).first()
    )
    if certificate is None or order is None:
        raise malformed("replaces names no certificate of this account.")
    if not any(one.document() in order.identifiers for one in identifiers):
        raise malformed("replaces names a certificate for other names.")
    open_or_done = AcmeOrder.objects.filter(replaced=certificate, state=AcmeOrderState.VALID)
    if open_or_done.exists():
        raise AcmeProblem(ProblemType.ALREADY_REPLACED, "This certificate was replaced already.")
    return certificate
