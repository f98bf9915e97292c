"""Keys that make a repeated write happen once (faces/rest/idempotency.py says how they are used).

A key is reserved by inserting its row: a unique constraint lets one request through. The reservation is a
lease in system time, so that a request whose process died does not hold the key for ever.

A request that outlives its lease is not dead, perhaps only slow. So the first audit entry of a request, which
stands in the transaction of its effect, touches the reservation (`fence`): if another request took it over
meanwhile, that transaction fails and nothing happens twice; if not, the other one waits for the commit and
then finds the entry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from hanaper import clock
from hanaper.apps.accounts.models import IdempotencyRecord
from hanaper.core.errors import Refusal
from hanaper.storage.composed import Change, composed_change
from hanaper.storage.crashpoints import crashpoint

LEASE = timedelta(seconds=90)
KEPT = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to run: `attempt` fences off an earlier holder whose lease ran out."""

    pk: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What `reserve` found: a kept answer (status and body, body None if never kept), or our reservation."""

    reservation: Reservation
    first_request_id: str
    answer: tuple[int, str | None] | None = None
    taken_over: bool = False


def reserve(*, scope: str, key: str, input_hash: str, request_id: str) -> Claim:
    """Reserve `key` in `scope`, or say what became of it. Committed at once, outside any transaction.

    Refused: `idempotency_key_reused` (another input), `idempotency_key_in_flight` (somebody is at it).
    """
    now = clock.system_now()
    try:
        with transaction.atomic():
            made = IdempotencyRecord.objects.create(
                scope=scope,
                key=key,
                input_hash=input_hash,
                request_id=request_id,
                created_at=now,
                lease_until=now + LEASE,
            )
        crashpoint("idempotency.after_reserve")
        return Claim(Reservation(made.pk, made.attempt), request_id)
    except IntegrityError:
        return _found(scope, key, input_hash, request_id, now)


def _found(scope: str, key: str, input_hash: str, request_id: str, now: datetime) -> Claim:
    record = IdempotencyRecord.objects.filter(scope=scope, key=key).first()
    if record is None:  # forgotten in between
        return reserve(scope=scope, key=key, input_hash=input_hash, request_id=request_id)
    if record.input_hash != input_hash:
        raise Refusal(
            "This idempotency key was used for another request.",
            code="idempotency_key_reused",
            field="Idempotency-Key",
            next_steps=["Use a fresh key for every new request; the same one only to repeat one."],
        )
    reservation = Reservation(record.pk, record.attempt + 1)
    if record.status is not None:
        return Claim(reservation, record.request_id, answer=(record.status, record.body))
    mine = IdempotencyRecord.objects.filter(
        pk=record.pk, status=None, attempt=record.attempt, lease_until__lte=now
    ).update(attempt=F("attempt") + 1, lease_until=now + LEASE)
    if mine != 1:
        raise _in_flight()
    return Claim(reservation, record.request_id, taken_over=True)


@dataclass(slots=True)
class _Holding:
    reservation: Reservation
    fenced: bool = False


_holding: ContextVar[_Holding | None] = ContextVar("idempotency_holding", default=None)


@contextmanager
def holding(reservation: Reservation) -> Iterator[None]:
    """While the request runs that reserved the key: its first effect is fenced."""
    token = _holding.set(_Holding(reservation))
    try:
        yield
    finally:
        _holding.reset(token)


def fence() -> None:
    """Called by whoever records an effect, in its transaction; refused if the reservation is lost."""
    held = _holding.get()
    if held is None or held.fenced:
        return
    if _prolong(held.reservation.pk, held.reservation.attempt, clock.system_now() + LEASE) != 1:
        raise _in_flight()
    held.fenced = True


@composed_change
def _prolong(pk: int, attempt: int, until: datetime) -> Change:
    return Change(_held(pk, attempt), lease_until=until)


def _in_flight() -> Refusal:
    return Refusal(
        "The first request with this idempotency key is still under way.",
        code="idempotency_key_in_flight",
        next_steps=["Repeat it in a moment."],
        details={"retry_after": 1},
    )


def start_over(reservation: Reservation, request_id: str) -> None:
    """A take-over that found no effect of the first request: from now on this one is the first."""
    _mine(reservation).update(request_id=request_id)


def keep(reservation: Reservation, status: int, body: str | None) -> None:
    """Keep the answer; nothing happens if the reservation ran out and went to another."""
    crashpoint("idempotency.before_keep")
    if body is None:
        _mine(reservation).update(status=status)
    else:
        _keep(reservation.pk, reservation.attempt, status, body)


@composed_change
def _keep(pk: int, attempt: int, status: int, body: str) -> Change:
    return Change(_held(pk, attempt), status=status, body=body)


def release(reservation: Reservation) -> None:
    """Let the next equal request take over at once (it will look for an effect)."""
    _mine(reservation).update(lease_until=clock.system_now())


def forget(reservation: Reservation) -> None:
    """The request failed before anything was tried: as if it had never come."""
    _mine(reservation).delete()


def sweep(at: datetime, system_at: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    """Forget answers older than two days; how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=system_at - KEPT).delete()[0]


def _mine(reservation: Reservation) -> QuerySet[IdempotencyRecord]:
    return _held(reservation.pk, reservation.attempt)


def _held(pk: int, attempt: int) -> QuerySet[IdempotencyRecord]:
    return IdempotencyRecord.objects.filter(pk=pk, attempt=attempt, status=None)
