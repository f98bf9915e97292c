"""Looking at an instance: does its domain lead here, is its certificate good, where are its origins?

A domain is active once its owner has pointed it here, which proves that it is theirs: the name to point to
is the instance's own. Looking asks outside of any transaction, and everything is judged again under the lock.
"""

from dataclasses import asdict, dataclass
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
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.locks import lock_order
from hanaper.core.actor import system
from hanaper.core.errors import Refusal
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.wake import pursuit

LOOK = "gateway.look"
# How soon again: while somebody waits, and while it is served.
WAITING, WAITING_LONG, SERVING = timedelta(seconds=3), timedelta(minutes=2), timedelta(minutes=1)
PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Found:
    """`certificate`: to be served from now on; `served`: its name for nodes, empty if there is none;
    `servers`: of the origins; `origin`: what was wrong with one."""

    seen: Seen
    certificate: str
    served: str
    servers: list[dict[str, Any]]
    origin: str


@pursuit(LOOK)
def look(pk: int, at: datetime, system_at: datetime) -> None:
    """Ask DNS, the product of the certificate, and the name servers of the origins; write down what is so."""
    instance = GatewayInstance.objects.filter(pk=pk).exclude(domain="").first()
    if instance is None or instance.resetting_since is not None or instance.behaviour is None:
        return
    seen = where_it_leads(instance.domain, instance.cname)
    wanted = certificates.current(instance.account_id, instance.domain, instance.certificate, at)
    pair = certificates.key_pair(instance.account_id, wanted, at)
    served = "" if pair is None else certificates.name_of(instance.public_id, pair)
    try:
        servers = resolve(Behaviour.model_validate(instance.behaviour))
        origin = ""
    except Refusal as refusal:
        # What was found before stays: a name server that is away takes no site off the net.
        servers, origin = instance.servers, refusal.message
    found = _Found(seen, wanted, served, servers, origin)
    _write(instance, found, at, system_at)


def _write(before: GatewayInstance, found: _Found, at: datetime, system_at: datetime) -> None:
    served, servers = found.served, found.servers
    with transaction.atomic():
        lock_order(before.order_id)
        rows = GatewayInstance.objects.filter(pk=before.pk, domain=before.domain, resetting_since=None)
        instance = rows.filter(behaviour=before.behaviour, certificate=before.certificate).first()
        if instance is None:
            return  # changed meanwhile: whoever changed it asked for another look
        instance.look = {
            **asdict(found.seen),
            "certificate": "" if served else "no_certificate",
            "origin": found.origin,
        }
        instance.looked_at = at
        instance.look_due_at = system_at + _again(instance, system_at)
        changed = (instance.served, instance.servers) != (served or instance.served, servers)
        instance.served, instance.servers = served or instance.served, servers
        if served:
            _follow(instance, found.certificate, at)
        instance.save(update_fields=["look", "looked_at", "look_due_at", "served", "servers", "certificate"])
        notice(instance, leads_here=found.seen.points_here, served=bool(served), system_at=system_at)
        if instance.state == GatewayState.DOMAIN_ADDED and found.seen.points_here and served:
            _activate(instance, at)
        elif changed and instance.state in SERVED:
            touch(instance)


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
    """A domain is served for one instance: for the one that it leads to now."""
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


def _again(instance: GatewayInstance, system_at: datetime) -> timedelta:
    if instance.state != GatewayState.DOMAIN_ADDED:
        return SERVING
    waiting = instance.look_due_at is None or system_at - instance.look_due_at < PATIENCE
    return WAITING if waiting else WAITING_LONG
