"""The verbs of endpoints: owners of the account only, everything audited. What is sent is `sending.py`'s."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from hanaper import clock
from hanaper.apps.accounts.locks import lock_account
from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.secrets.models import SealedSecret
from hanaper.apps.secrets.services import destroy, seal
from hanaper.apps.webhooks.calling import ports
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.signing import new_secret
from hanaper.apps.webhooks.vocabulary import (
    BOTH_SECRETS,
    CHOICES,
    LONGEST_DESCRIPTION,
    LONGEST_URL,
    MOST_ENDPOINTS,
    OPEN,
    SECRET_PURPOSE,
    DeliveryState,
    DisabledBecause,
)
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.storage.guarded import Guarded, refuse_address
from hanaper.storage.ids import new_public_id


def create_endpoint(
    actor: Actor,
    account: Account,
    *,
    url: str,
    description: str = "",
    kinds: Sequence[str] = (),
    at: datetime,
) -> tuple[Endpoint, str]:
    """An endpoint and its secret (`whsec_...`), which is never shown again. `kinds`: empty for all."""
    _require_owner(actor, account.pk)
    url, description, chosen = _url(url), _description(description), _kinds(kinds)
    with transaction.atomic():
        # Two owners who add the tenth at once must not both succeed.
        lock_account(account.pk)
        if Endpoint.objects.filter(account=account, removed_at=None).count() >= MOST_ENDPOINTS:
            raise Refusal(
                f"An account has at most {MOST_ENDPOINTS} webhooks.",
                code="too_many_webhooks",
                next_steps=["Remove one that is not needed."],
            )
        secret = new_secret()
        endpoint = Endpoint.objects.create(
            account=account,
            url=url,
            description=description,
            kinds=chosen,
            secret=seal(secret.encode(), SECRET_PURPOSE),
            created_at=at,
        )
        _record(actor, AuditAction.WEBHOOK_CREATED, endpoint, at, after=_told(endpoint))
    return endpoint, secret


def change_endpoint(
    actor: Actor,
    endpoint: Endpoint,
    *,
    url: str | None = None,
    description: str | None = None,
    kinds: Sequence[str] | None = None,
    enabled: bool | None = None,
    at: datetime,
) -> Endpoint:
    """Change what is given. Disabled, what was on its way there is given up; enabled, it starts afresh."""
    _require_owner(actor, endpoint.account_id)
    given = {
        "url": None if url is None else _url(url),
        "description": None if description is None else _description(description),
        "kinds": None if kinds is None else _kinds(kinds),
        "enabled": enabled,
    }
    with transaction.atomic():
        endpoint = _locked(endpoint)
        before = _told(endpoint)
        changes: dict[str, Any] = {
            name: value for name, value in given.items() if value not in (None, before[name])
        }
        if not changes:
            return endpoint
        afresh: dict[str, object] = {"resting_until": None}
        if enabled is not None and "enabled" in changes:
            reason = "" if enabled else DisabledBecause.OWNER
            afresh |= {"disabled_because": reason, "failures": 0, "failing_since": None}
        # Not the whole row: the sweep counts its failures meanwhile.
        Endpoint.objects.filter(pk=endpoint.pk).update(**changes, **afresh)
        endpoint.refresh_from_db()
        if not endpoint.enabled:
            give_up_open(endpoint)
        after = {name: _told(endpoint)[name] for name in changes}
        before = {name: before[name] for name in changes}
        _record(actor, AuditAction.WEBHOOK_CHANGED, endpoint, at, before=before, after=after)
    return endpoint


def rotate_secret(actor: Actor, endpoint: Endpoint, *, at: datetime) -> tuple[Endpoint, str]:
    """A new secret, shown this once; the one before signs beside it for a day."""
    _require_owner(actor, endpoint.account_id)
    with transaction.atomic():
        endpoint = _locked(endpoint)
        secret = new_secret()
        forgotten = endpoint.old_secret
        endpoint.old_secret = endpoint.secret
        endpoint.old_secret_until = clock.system_now() + BOTH_SECRETS
        endpoint.secret = seal(secret.encode(), SECRET_PURPOSE)
        endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
        _forget(forgotten)
        _record(actor, AuditAction.WEBHOOK_SECRET_ROTATED, endpoint, at)
    return endpoint, secret


def remove_endpoint(actor: Actor, endpoint: Endpoint, *, at: datetime) -> None:
    """Nothing is sent there any more, and its secrets are forgotten; what was sent stays on record."""
    _require_owner(actor, endpoint.account_id)
    with transaction.atomic():
        endpoint = _locked(endpoint)
        forgotten = (endpoint.secret, endpoint.old_secret)
        Endpoint.objects.filter(pk=endpoint.pk).update(
            removed_at=at,
            enabled=False,
            disabled_because=DisabledBecause.OWNER,
            secret=None,
            old_secret=None,
            old_secret_until=None,
        )
        for secret in forgotten:
            _forget(secret)
        give_up_open(endpoint)
        _record(actor, AuditAction.WEBHOOK_REMOVED, endpoint, at, before=_told(endpoint))


def replay(actor: Actor, delivery: Delivery, *, at: datetime) -> Delivery:
    """Send it again soon, with the same `webhook-id`; its tries are counted afresh."""
    _require_owner(actor, delivery.endpoint.account_id)
    with transaction.atomic():
        endpoint = _refuse_disabled(_locked(delivery.endpoint))
        rows = Delivery.objects.filter(pk=delivery.pk)
        rows.update(state=DeliveryState.PENDING, due_at=clock.system_now(), attempts=0, fault="")
        Endpoint.objects.filter(pk=endpoint.pk).update(resting_until=None)
        told = {"delivery": delivery.public_id}
        _record(actor, AuditAction.WEBHOOK_REPLAYED, endpoint, at, after=told)
    delivery.refresh_from_db()
    return delivery


def send_test(actor: Actor, endpoint: Endpoint, *, at: datetime) -> Delivery:
    """Send `webhook.test` there soon, whatever kinds it has chosen; nobody is told by notice or letter."""
    _require_owner(actor, endpoint.account_id)
    with transaction.atomic():
        endpoint = _refuse_disabled(_locked(endpoint))
        system_at = clock.system_now()
        event = emit(
            EventKind.WEBHOOK_TEST,
            account_id=endpoint.account_id,
            subject=endpoint.public_id,
            at=at,
            dedupe=f"webhook.test:{new_public_id('tst')}",
            data={"by": actor.name},
            quiet_since=system_at,
        )
        delivery = Delivery.objects.create(
            endpoint=endpoint, event=event, created_at=system_at, due_at=system_at
        )
        Endpoint.objects.filter(pk=endpoint.pk).update(resting_until=None)
        _record(actor, AuditAction.WEBHOOK_TESTED, endpoint, at, after={"delivery": delivery.public_id})
    return delivery


def give_up_open(endpoint: Endpoint) -> int:
    """What is on its way to an endpoint that is not sent to any more; in the caller's transaction."""
    open_ones = Delivery.objects.filter(endpoint=endpoint, state__in=OPEN)
    return open_ones.update(
        state=DeliveryState.GIVEN_UP, due_at=None, fault="The webhook was disabled or removed."
    )


def _require_owner(actor: Actor, account_id: int) -> None:
    if actor.kind is ActorKind.SYSTEM:
        return
    owns = actor.account_role is AccountRole.OWNER and actor.account_id == account_id
    if actor.kind is not ActorKind.CUSTOMER or not owns:
        raise Forbidden(
            "Only owners of the account may do this.",
            code="role_too_small",
            next_steps=["Ask an owner of the account."],
        )


def _locked(endpoint: Endpoint) -> Endpoint:
    lock_account(endpoint.account_id)
    found = Endpoint.objects.filter(pk=endpoint.pk, removed_at=None).select_related(
        "account", "secret", "old_secret"
    )
    living = found.first()
    if living is None:
        raise Refusal("This webhook was removed meanwhile.", code="webhook_removed")
    return living


def _refuse_disabled(endpoint: Endpoint) -> Endpoint:
    if not endpoint.enabled:
        raise Refusal(
            "This webhook is disabled: nothing is sent to it.",
            code="webhook_disabled",
            next_steps=["Enable it first."],
        )
    return endpoint


def _forget(secret: SealedSecret | None) -> None:
    if secret is not None:
        destroy(secret)


def _url(given: str) -> str:
    url = given.strip()
    try:
        secure = urlsplit(url).scheme == "https"
    except ValueError:
        secure = False
    if not secure and not settings.SANDBOX:
        raise InvalidInput(
            "The address must begin with https:.",
            field="url",
            code="https_required",
            next_steps=["Let the receiver answer with TLS and a certificate that is publicly trusted."],
        )
    try:
        refuse_address(url, allow_loopback=settings.SANDBOX, ports=ports())
    except Guarded as guarded:
        raise InvalidInput(guarded.message, field="url", code=guarded.code) from None
    if len(url) > LONGEST_URL:
        raise InvalidInput("The address is too long.", field="url", code="bad_address")
    return url


def _description(given: str) -> str:
    description = given.strip()
    if len(description) > LONGEST_DESCRIPTION:
        raise InvalidInput(
            f"A description has at most {LONGEST_DESCRIPTION} characters.",
            field="description",
            code="out_of_range",
        )
    return description


def _kinds(given: Sequence[str]) -> list[str]:
    unknown = sorted(set(given) - set(CHOICES))
    if unknown:
        raise InvalidInput(
            f"There is no kind of event {unknown[0]!r}.",
            field="kinds",
            code="unknown_event_kind",
            details={"known": list(CHOICES)},
        )
    return sorted(set(given))


def _told(endpoint: Endpoint) -> dict[str, object]:
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "kinds": endpoint.kinds,
        "enabled": endpoint.enabled,
    }


def _record(
    actor: Actor,
    action: AuditAction,
    endpoint: Endpoint,
    at: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    record(
        actor, action, endpoint.public_id, at=at, account_id=endpoint.account_id, before=before, after=after
    )
