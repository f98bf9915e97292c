"""Making deliveries of an event, and sending those that are due: at least once, always under the same id."""

import json
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min, Q

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.models import Event
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.secrets.services import unseal
from hanaper.apps.webhooks.calling import INTERNAL, Call, Outcome, call
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.services import give_up_open
from hanaper.apps.webhooks.signing import headers
from hanaper.apps.webhooks.vocabulary import (
    DISABLED_AFTER,
    LEASE,
    LONGEST_REST,
    NOT_SENT,
    OPEN,
    PAUSES,
    SECRET_PURPOSE,
    SIDE_BY_SIDE,
    DeliveryState,
    DisabledBecause,
)
from hanaper.core.actor import system
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger
from hanaper.storage.sweeping import each

log = logger(__name__)

US = system("webhooks")


def follow(event: Event, system_at: datetime) -> None:
    """A delivery for each endpoint that wants the event, in the transaction that makes its notice."""
    if event.account_id is None or event.kind in NOT_SENT:
        return
    wanting = Endpoint.objects.filter(account_id=event.account_id, enabled=True, removed_at=None)
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, event=event, created_at=system_at, due_at=system_at)
        for endpoint in wanting.order_by("pk")
        if not endpoint.kinds or event.kind in endpoint.kinds
    )


def due(system_at: datetime) -> list[int]:
    """The oldest due delivery of each endpoint that is not resting: one that hangs holds up no other."""
    awake = Q(endpoint__resting_until=None) | Q(endpoint__resting_until__lte=system_at)
    rows = Delivery.objects.filter(awake, due_at__lte=system_at, endpoint__enabled=True)
    first = rows.values("endpoint").annotate(first=Min("pk")).order_by("first")
    return list(first.values_list("first", flat=True)[:SIDE_BY_SIDE])


def send(pks: Sequence[int], at: datetime, system_at: datetime) -> int:
    """Claim, call side by side outside any transaction, stamp; how many were called."""
    claimed = [delivery for pk in pks if (delivery := _claim(pk, system_at)) is not None]
    if not claimed:
        return 0
    calls = [_prepared(delivery, system_at) for delivery in claimed]
    crashpoint("webhooks.send.before_call")
    if len(calls) == 1:
        outcomes = [_called(calls[0])]
    else:
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
            outcomes = list(threads.map(_called, calls))
    crashpoint("webhooks.send.after_call")
    came = zip(claimed, outcomes, strict=True)
    return each(came, lambda pair: _stamp(pair[0], pair[1], at, system_at))


def _prepared(delivery: Delivery, system_at: datetime) -> Call | None:
    try:
        return prepare(delivery, system_at)
    except Exception:  # such as a secret that cannot be opened: the others are sent nevertheless
        log.exception("webhook_not_prepared", delivery=delivery.public_id)
        return None


def _called(prepared: Call | None) -> Outcome:
    """In a thread of its own, perhaps: touches no table."""
    return Outcome(fault=INTERNAL) if prepared is None else call(prepared)


def _claim(pk: int, system_at: datetime) -> Delivery | None:
    rows = Delivery.objects.filter(pk=pk, due_at__lte=system_at, state__in=OPEN)
    if rows.update(due_at=system_at + LEASE, attempts=F("attempts") + 1, tried_at=system_at) != 1:
        return None
    return Delivery.objects.select_related(
        "event__account", "endpoint__secret__data_key", "endpoint__old_secret__data_key"
    ).get(pk=pk)


def body_of(event: Event) -> bytes:
    """The same bytes for every try: an event never changes."""
    content = {
        "type": event.kind,
        "timestamp": write_moment(event.at),
        "data": {
            **event.data,
            "event": event.public_id,
            "subject": event.subject,
            "account": None if event.account is None else event.account.public_id,
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def prepare(delivery: Delivery, system_at: datetime) -> Call:
    """What is sent, signed by the endpoint's secret, and by the one before while that still counts."""
    endpoint, shared = delivery.endpoint, []
    if endpoint.secret is not None:
        shared.append(unseal(endpoint.secret, SECRET_PURPOSE).decode())
    until = endpoint.old_secret_until
    if endpoint.old_secret is not None and until is not None and system_at < until:
        shared.append(unseal(endpoint.old_secret, SECRET_PURPOSE).decode())
    body = body_of(delivery.event)
    return Call(endpoint.url, body, headers(delivery.public_id, body, shared, system_at))


def _stamp(delivery: Delivery, outcome: Outcome, at: datetime, system_at: datetime) -> None:
    """Write what came of it, unless the lease was lost or somebody asked for a replay meanwhile."""
    with transaction.atomic():
        state, due_at = _next(delivery, outcome, system_at)
        written = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at, state__in=OPEN).update(
            state=state,
            due_at=due_at,
            delivered_at=system_at if outcome.delivered else delivery.delivered_at,
            status=outcome.status,
            answer=outcome.answer,
            fault=outcome.fault,
        )
        endpoints = Endpoint.objects.filter(pk=delivery.endpoint_id, removed_at=None)
        if outcome.delivered:
            endpoints.exclude(failures=0).update(failures=0, failing_since=None, resting_until=None)
        elif written == 1:
            _failed(delivery, outcome, state, at, system_at)
        crashpoint("webhooks.stamp.before_commit")


def _next(delivery: Delivery, outcome: Outcome, system_at: datetime) -> tuple[DeliveryState, datetime | None]:
    if outcome.delivered:
        return DeliveryState.DELIVERED, None
    if delivery.attempts > len(PAUSES):
        return DeliveryState.GIVEN_UP, None
    pause = PAUSES[delivery.attempts - 1] * random.uniform(1.0, 1.1)  # noqa: S311 - jitter, not a secret
    return DeliveryState.FAILED, system_at + pause


def _failed(
    delivery: Delivery, outcome: Outcome, state: DeliveryState, at: datetime, system_at: datetime
) -> None:
    """In the caller's transaction: the endpoint rests, and after days it is disabled."""
    rows = Endpoint.objects.filter(pk=delivery.endpoint_id, enabled=True)
    rows.filter(failing_since=None).update(failing_since=system_at)
    rest = min(timedelta(seconds=2 ** min(delivery.endpoint.failures, 20)), LONGEST_REST)
    rows.update(failures=F("failures") + 1, resting_until=system_at + rest)
    endpoint = rows.first()
    if endpoint is None:  # disabled while it was called
        return
    since = endpoint.failing_since or system_at
    if outcome.gone:
        _disable(endpoint, DisabledBecause.GONE, outcome, at)
    elif system_at - since >= DISABLED_AFTER:
        _disable(endpoint, DisabledBecause.FAILING, outcome, at)
    elif state is DeliveryState.GIVEN_UP:
        # Once a day: a receiver that is down for long misses many.
        _tell(EventKind.WEBHOOK_GIVEN_UP, endpoint, outcome, at, dedupe=f"{at:%Y-%m-%d}")


def _disable(endpoint: Endpoint, reason: DisabledBecause, outcome: Outcome, at: datetime) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(enabled=False, disabled_because=reason)
    give_up_open(endpoint)
    record(
        US,
        AuditAction.WEBHOOK_DISABLED,
        endpoint.public_id,
        at=at,
        account_id=endpoint.account_id,
        before={"enabled": True},
        after={"enabled": False, "reason": reason},
    )
    _tell(EventKind.WEBHOOK_DISABLED, endpoint, outcome, at, dedupe=write_moment(at))


def _tell(kind: EventKind, endpoint: Endpoint, outcome: Outcome, at: datetime, *, dedupe: str) -> None:
    emit(
        kind,
        account_id=endpoint.account_id,
        subject=endpoint.public_id,
        at=at,
        dedupe=f"{kind}:{endpoint.public_id}:{dedupe}",
        data={"url": endpoint.url, "fault": outcome.fault, "status": outcome.status},
    )
