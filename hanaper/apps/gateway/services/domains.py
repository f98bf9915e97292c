"""The domain of an instance: added with its origins and certificate, and changed while it is there.

From when a domain is there the instance counts as used (R18), and an earlier reset no more (D2).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from pydantic import ValidationError

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.gateway import certificates
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.locks import lock_usable, lock_with_domain
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.origins import resolve
from hanaper.apps.gateway.search import keep_domain
from hanaper.apps.gateway.services.looking import LOOK
from hanaper.apps.gateway.services.wishing import Automatic, begin_wish, end_wish, refuse_impossible
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.locks import refuse_unless_paid
from hanaper.core.actor import Actor
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.circles import circles
from hanaper.core.gateway.domains import cname_of, domain_of
from hanaper.core.gateway.headers import WRITTEN_NOW
from hanaper.core.rule_faults import faults_of
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_write


def add_domain(
    actor: Actor,
    instance: GatewayInstance,
    *,
    domain: str,
    behaviour: Mapping[str, Any],
    certificate: str = "",
    automatic: Automatic | None = None,
    at: datetime,
) -> GatewayInstance:
    """`certificate`: the public id of one of the account's for this domain; empty: what lasts longest.
    `automatic`: none of them, one is had by itself (wishing.py).

    Refused: `has_domain`, `gateway_ended`, `certificate_not_found`, `gateway_zone_required`, InvalidInput for
    domain, behaviour and origins, and as `locks.lock_usable` refuses.
    """
    require_write(actor)
    _refuse_without_zone()
    # Before what would be missing of a certificate; of one that is being reset the lock says more.
    now = GatewayInstance.objects.select_related("order").get(pk=instance.pk)
    if now.resetting_since is None:
        _refuse_not_empty(now)
    host = domain_of(domain, settings.GATEWAY_ZONE)
    rules = read_behaviour(behaviour, host)
    if automatic is None:
        chosen = certificates.chosen(instance.account_id, host, certificate, at).id
    else:
        refuse_impossible(instance, host, automatic, at)
        chosen = ""
    servers = resolve(rules)
    with transaction.atomic():
        instance = lock_usable(instance)
        _refuse_not_empty(instance)
        instance.domain, instance.state, instance.reset_at = host, GatewayState.DOMAIN_ADDED, None
        instance.cname = cname_of(instance.public_id, settings.GATEWAY_ZONE)
        instance.behaviour = rules.model_dump(mode="json")
        instance.certificate, instance.servers = chosen, servers
        instance.look, instance.looked_at, instance.look_due_at = {}, None, clock.system_now()
        instance.save()
        keep_domain(instance)
        told = {"domain": host, "certificate": chosen}
        _record(actor, AuditAction.GATEWAY_DOMAIN_ADDED, instance, at, after=told)
        if automatic is not None:
            begin_wish(actor, instance, automatic, at=at)
        wake_pursuit(LOOK, instance.pk)
    return instance


def change_behaviour(
    actor: Actor, instance: GatewayInstance, behaviour: Mapping[str, Any], *, at: datetime
) -> GatewayInstance:
    """All of it anew. Refused: `no_domain`, InvalidInput, and as `locks.lock_usable` refuses."""
    require_write(actor)
    rules = read_behaviour(behaviour, instance.domain)
    servers = resolve(rules)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        before, instance.behaviour = instance.behaviour, rules.model_dump(mode="json")
        instance.servers = servers
        instance.look = {**instance.look, "origin": ""} if instance.look else {}
        instance.save(update_fields=["behaviour", "servers", "look"])
        touch(instance)
        told = instance.behaviour
        _record(actor, AuditAction.GATEWAY_CHANGED, instance, at, before=before, after=told)
    return instance


def change_certificate(
    actor: Actor, instance: GatewayInstance, certificate: str, *, at: datetime
) -> GatewayInstance:
    """Another certificate for the same domain, live with the next look, which is at once. None comes by
    itself from then on."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        found = certificates.chosen(instance.account_id, instance.domain, certificate, at)
        end_wish(instance)
        before, instance.certificate = instance.certificate, found.id
        instance.look_due_at = clock.system_now()
        instance.save(update_fields=["certificate", "look_due_at"])
        wake_pursuit(LOOK, instance.pk)
        _record(
            actor,
            AuditAction.GATEWAY_CHANGED,
            instance,
            at,
            before={"certificate": before},
            after={"certificate": found.id},
        )
    return instance


def look_again(actor: Actor, instance: GatewayInstance) -> GatewayInstance:
    """Somebody has set the CNAME and wants to know. Changes nothing by itself."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        instance.look_due_at = clock.system_now()
        instance.look.pop("looks", None)
        instance.save(update_fields=["look_due_at", "look"])
        wake_pursuit(LOOK, instance.pk)
    return instance


def purge(actor: Actor, instance: GatewayInstance, *, at: datetime) -> GatewayInstance:
    """Everything that nodes keep of the site is gone: they ask the origin again."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        instance.epoch += 1
        instance.save(update_fields=["epoch"])
        touch(instance)
        _record(actor, AuditAction.GATEWAY_PURGED, instance, at, after={"epoch": instance.epoch})
    return instance


def _refuse_not_empty(instance: GatewayInstance) -> None:
    refuse_unless_paid(instance.order)
    if instance.domain:
        raise Refusal(
            f"This instance has the domain {instance.domain} already.",
            code="has_domain",
            next_steps=["Reset the instance first, or buy another one."],
        )
    if instance.state != GatewayState.NO_DOMAIN:
        raise Refusal("The term of this instance has ended.", code="gateway_ended")


def read_behaviour(given: Mapping[str, Any], domain: str) -> Behaviour:
    """InvalidInput with a fault at each wrong field."""
    faults: list[Fault] = []
    try:
        rules = Behaviour.model_validate(given, context=WRITTEN_NOW)
    except ValidationError as wrong:
        faults = faults_of(wrong, "behaviour")
    else:
        faults = circles(rules.redirects, domain, "behaviour.redirects")
        if not faults:
            return rules
    raise InvalidInput("The site cannot behave like this.", faults=faults)


def _refuse_without_zone() -> None:
    if settings.GATEWAY_ZONE.endswith(".invalid"):
        raise Refusal(
            "This service has no zone yet in which domains find its gateway.",
            code="gateway_zone_required",
            next_steps=["Ask whoever runs it to set HANAPER_GATEWAY_ZONE: a zone that leads to its nodes."],
        )


def _record(actor: Actor, action: AuditAction, instance: GatewayInstance, at: datetime, **told: Any) -> None:
    record(actor, action, instance.public_id, at=at, account_id=instance.account_id, **told)
