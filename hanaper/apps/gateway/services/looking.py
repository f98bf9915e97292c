"""Looking at an instance: does its domain lead here, is its certificate good, where are its origins?

A domain is active once its owner has pointed it here, which proves that it is theirs: the name to point to
is the instance's own. Looking asks outside of any transaction, and everything is judged again under the lock.
The sweep asks for many at once, as name servers take their time. What is served is looked at the less often
the more there is of it: looking never takes more than a part of the worker.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway import certificates
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.leading import Seen, where_it_leads
from hanaper.apps.gateway.models import SERVED, GatewayInstance
from hanaper.apps.gateway.origins import resolve
from hanaper.apps.gateway.services.wishing import notice
from hanaper.apps.gateway.states import CERTIFICATE_REVOKED, SERVED_FOR_ANOTHER, GatewayState
from hanaper.apps.gateway.unanswered import unanswered
from hanaper.apps.orders.locks import lock_order
from hanaper.core.actor import system
from hanaper.core.errors import Refusal
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.sweeping import each
from hanaper.storage.wake import pursuit

LOOK = "gateway.look"
# How soon again: while somebody waits, and while it is served.
WAITING, WAITING_LONG, SERVING = timedelta(seconds=3), timedelta(minutes=2), timedelta(minutes=1)
PATIENCE = 600  # looks, which is half an hour
LOOKS_A_SECOND = 50  # at what is served: a third of what one worker can
SIDE_BY_SIDE = 32


@dataclass(frozen=True, slots=True)
class _Asked:
    """What name servers say; `servers` of the origins, None if one was not found, which `origin` says."""

    seen: Seen
    servers: list[dict[str, Any]] | None
    origin: str


@dataclass(frozen=True, slots=True)
class _Found:
    """`certificate`: to be served from now on; `served`: its name for nodes, empty if there is none;
    `revoked_at`: since when the certificate is revoked; `gone`: nothing is left of it; `servers`: of the
    origins; `origin`: what was wrong with one; `unanswered`: how many visitors got no answer of them."""

    seen: Seen
    certificate: str
    served: str
    revoked_at: datetime | None
    gone: bool
    servers: list[dict[str, Any]]
    origin: str
    unanswered: dict[str, Any] | None


@pursuit(LOOK)
def look(pk: int, at: datetime, system_at: datetime) -> None:
    """Ask DNS, the product of the certificate, and the name servers of the origins; write down what is so."""
    for instance in _to_be_looked_at([pk]):
        _judge(instance, _ask(instance), _interval(), at, system_at)


def look_at_many(pks: Sequence[int], at: datetime, system_at: datetime, *, until: float) -> int:
    """The same for many, as long as `until` by `time.monotonic` is not past; how many."""
    done, every = 0, _interval()
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
        asked = {threads.submit(_ask, instance): instance for instance in _to_be_looked_at(pks)}
        for future in as_completed(asked):
            done += each([future], lambda one: _judge(asked[one], one.result(), every, at, system_at))
            if time.monotonic() > until:
                threads.shutdown(wait=False, cancel_futures=True)
                break
    return done


def _to_be_looked_at(pks: Sequence[int]) -> list[GatewayInstance]:
    """In the same order."""
    rows = GatewayInstance.objects.filter(pk__in=pks, resetting_since=None, behaviour__isnull=False)
    found = {row.pk: row for row in rows.exclude(domain="")}
    return [found[pk] for pk in pks if pk in found]


def _ask(instance: GatewayInstance) -> _Asked:
    """Away from the database: many at once."""
    seen = where_it_leads(instance.domain, instance.cname)
    try:
        return _Asked(seen, resolve(Behaviour.model_validate(instance.behaviour)), "")
    except Refusal as refusal:
        return _Asked(seen, None, refusal.message)


def _judge(
    instance: GatewayInstance, asked: _Asked, every: timedelta, at: datetime, system_at: datetime
) -> None:
    wanted = certificates.current(instance.account_id, instance.domain, instance.certificate, at)
    pair = certificates.key_pair(instance.account_id, wanted, at)
    served = "" if pair is None else certificates.name_of(instance.public_id, pair)
    revoked_at = None if served else certificates.revoked_at(instance.account_id, wanted)
    gone = revoked_at is not None and certificates.last_key_pair(instance.account_id, wanted) is None
    # What was found before stays: a name server that is away takes no site off the net.
    servers = instance.servers if asked.servers is None else asked.servers
    failing = unanswered(instance, system_at)
    found = _Found(asked.seen, wanted, served, revoked_at, gone, servers, asked.origin, failing)
    _write(instance, found, every, at, system_at)


def _write(
    before: GatewayInstance, found: _Found, every: timedelta, at: datetime, system_at: datetime
) -> None:
    served, servers, revoked_at = found.served, found.servers, found.revoked_at
    with transaction.atomic():
        lock_order(before.order_id)
        rows = GatewayInstance.objects.filter(pk=before.pk, domain=before.domain, resetting_since=None)
        instance = rows.filter(behaviour=before.behaviour, certificate=before.certificate).first()
        if instance is None:
            return  # changed meanwhile: whoever changed it asked for another look
        seen = _held_against(instance, found.seen)
        instance.look = {
            **asdict(seen),
            "since": _since(instance, seen, at),  # the problem
            "certificate": "" if served else CERTIFICATE_REVOKED if revoked_at else "no_certificate",
            "revoked_at": revoked_at and write_moment(revoked_at),
            "gone": found.gone,
            "origin": found.origin,
            "unanswered": found.unanswered,
            "looks": instance.look.get("looks", 0) + 1 if instance.state == GatewayState.DOMAIN_ADDED else 0,
        }
        instance.looked_at = at
        instance.look_due_at = system_at + _again(instance, every)
        changed = (instance.served, instance.servers) != (served or instance.served, servers)
        instance.served, instance.servers = served or instance.served, servers
        if served:
            _follow(instance, found.certificate, at)
        instance.save(update_fields=["look", "looked_at", "look_due_at", "served", "servers", "certificate"])
        leads_here = seen.points_here and not seen.problem
        notice(instance, leads_here=leads_here, served=bool(served), system_at=system_at)
        if instance.state == GatewayState.DOMAIN_ADDED and leads_here and served:
            _activate(instance, at)
        elif changed and instance.state in SERVED:
            touch(instance)


def _held_against(instance: GatewayInstance, seen: Seen) -> Seen:
    """Says so where it leads here, and stays with the one that it is served for."""
    if instance.state != GatewayState.DOMAIN_ADDED or not seen.points_here or not holder_of(instance, seen):
        return seen
    message = f"{instance.domain} leads here, but another instance serves it, and its record in DNS holds."
    return replace(seen, problem=SERVED_FOR_ANOTHER, message=message)


def _since(instance: GatewayInstance, seen: Seen, at: datetime) -> str:
    known = instance.look.get("since") if instance.look.get("problem") == seen.problem else None
    return str(known or write_moment(at))


def holder_of(instance: GatewayInstance, seen: Seen) -> GatewayInstance | None:
    """The one that the domain is served for, if it keeps it though the domain leads to `instance` too."""
    others = GatewayInstance.objects.filter(
        domain=instance.domain, state__in=SERVED, resetting_since=None
    ).exclude(pk=instance.pk)
    return next((other for other in others if seen.keeps(other.cname, instance.cname)), None)


def _follow(instance: GatewayInstance, certificate: str, at: datetime) -> None:
    """The one that was chosen ends soon, and this one lasts longer."""
    before, instance.certificate = instance.certificate, certificate
    if before != certificate:
        record(
            system("gateway"),
            AuditAction.GATEWAY_CHANGED,
            instance.public_id,
            at=at,
            account_id=instance.account_id,
            before={"certificate": before},
            after={"certificate": certificate},
        )


def _activate(instance: GatewayInstance, at: datetime) -> None:
    """A domain is served for one instance: for the one that it leads to now, unless another keeps it."""
    others = list(GatewayInstance.objects.filter(domain=instance.domain, state__in=SERVED))
    for other in others:
        GatewayInstance.objects.filter(pk=other.pk).update(state=GatewayState.DOMAIN_ADDED)
    full = instance.grcq_used >= instance.grcq_included
    state = GatewayState.QUOTA_EXHAUSTED if full else GatewayState.ACTIVE
    try:
        with transaction.atomic():
            rows = GatewayInstance.objects.filter(pk=instance.pk, state=GatewayState.DOMAIN_ADDED)
            rows.update(state=state)
    except IntegrityError:
        return  # another one became it at this moment; the next look decides
    touch(instance, *others)
    for other in others:
        _tell_holder(other, at)
    record(
        system("gateway"),
        AuditAction.GATEWAY_ACTIVATED,
        instance.public_id,
        at=at,
        account_id=instance.account_id,
        after={"domain": instance.domain, "state": state},
    )
    emit(
        EventKind.GATEWAY_ACTIVE,
        account_id=instance.account_id,
        subject=instance.public_id,
        at=at,
        dedupe=f"{instance.public_id}:active:{instance.domain}:{write_moment(at)}",
        data={"domain": instance.domain},
    )


def _tell_holder(other: GatewayInstance, at: datetime) -> None:
    """That it is served for another one now. Whose that is, is nobody's business but theirs."""
    record(
        system("gateway"),
        AuditAction.GATEWAY_TAKEN_OVER,
        other.public_id,
        at=at,
        account_id=other.account_id,
        after={"domain": other.domain, "state": GatewayState.DOMAIN_ADDED},
    )
    emit(
        EventKind.GATEWAY_TAKEN_OVER,
        account_id=other.account_id,
        subject=other.public_id,
        at=at,
        dedupe=f"{other.public_id}:taken_over:{other.domain}:{write_moment(at)}",
        data={"domain": other.domain, "cname": other.cname},
    )


def _again(instance: GatewayInstance, every: timedelta) -> timedelta:
    if instance.state != GatewayState.DOMAIN_ADDED:
        return every
    return WAITING if instance.look["looks"] < PATIENCE else WAITING_LONG


def _interval() -> timedelta:
    """How soon what is served is looked at again."""
    served = GatewayInstance.objects.filter(state__in=SERVED).count()
    return max(SERVING, timedelta(seconds=served / LOOKS_A_SECOND))
