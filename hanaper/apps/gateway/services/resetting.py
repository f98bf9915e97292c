"""Resetting an instance (R18): its domain goes, and the time of the reset counts for a refund (D2).

Accepted at once, then carried out: routing stops first, then every node finishes what it has in hand and
says what it counted; only then is the domain gone and the consumption judged. It survives (D8).
"""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway.fleet import settled_everywhere, touch
from hanaper.apps.gateway.locks import lock_usable, refuse_ended
from hanaper.apps.gateway.models import SERVED, GatewayInstance
from hanaper.apps.gateway.search import keep_domain
from hanaper.apps.gateway.services.wishing import end_wish
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.terms import reset_window_closes_at
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write

TOKEN_SECONDS = 3600
_SALT = "hanaper.gateway.reset"


@dataclass(frozen=True, slots=True)
class ResetWarning:
    """What a reset would do; `token` confirms that this was read."""

    instance: GatewayInstance
    text: str
    token: str


def prepare_reset(actor: Actor, instance: GatewayInstance, *, at: datetime) -> ResetWarning:
    """The warning, while a reset is possible. Refused: `no_domain`, `reset_under_way`."""
    require_write(actor)
    _refuse_impossible(instance)
    text = (
        f"Resetting takes {instance.domain} off this instance: it is not served any more, and how it behaves,"
        f" its cache and its name {instance.cname} are gone. What was consumed stays consumed:"
        f" {instance.visits} visits and {instance.bytes_out} bytes of outbound traffic."
    )
    closes_at = reset_window_closes_at(instance.order)
    if closes_at is None or closes_at <= at:
        text = " ".join((text, "No refund follows any more: the time to reset it for one is over (R18)."))
    token = signing.dumps(_said(actor, instance), salt=_SALT)
    return ResetWarning(instance, text, token)


def reset_gateway(
    actor: Actor, instance: GatewayInstance, *, confirmation: str, at: datetime
) -> GatewayInstance:
    """Begin the reset that was confirmed; the sweep finishes it when the nodes have.

    Refused: `confirmation_invalid`, `confirmation_expired`, `warning_changed`, and as `prepare_reset` and
    `locks.lock_usable` refuse.
    """
    require_write(actor)
    if _read(confirmation) != _said(actor, instance):
        raise InvalidInput(
            "The domain has changed since the warning was read.",
            field="confirmation",
            code="warning_changed",
            next_steps=["Read the warning again (prepare), then confirm it."],
        )
    return reset_by_plan(actor, instance, at=at)


def reset_by_plan(actor: Actor, instance: GatewayInstance, *, at: datetime) -> GatewayInstance:
    """The reset, of somebody who confirmed it with their refund plan (D14)."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_usable(instance)
        _refuse_impossible(instance)
        was_served = instance.state in SERVED
        instance.resetting_since = at
        instance.look_due_at = None
        # What was never served needs nobody to finish.
        instance.save(update_fields=["resetting_since", "look_due_at"])
        end_wish(instance)
        instance.reset_version = touch(instance) if was_served else 0
        instance.save(update_fields=["reset_version"])
        record(
            actor,
            AuditAction.GATEWAY_RESET,
            instance.public_id,
            at=at,
            account_id=instance.account_id,
            before={"domain": instance.domain, "state": instance.state},
        )
    crashpoint("gateway.reset.after_begin")
    finish_reset(instance.pk)
    instance.refresh_from_db()
    return instance


def finish_reset(pk: int) -> bool:
    """Once no node answers for the domain any more, and all that was counted is known. Safe to run again."""
    with transaction.atomic():
        found = GatewayInstance.objects.get(pk=pk)
        lock_order(found.order_id)
        instance = GatewayInstance.objects.get(pk=pk)
        since = instance.resetting_since
        if since is None or not settled_everywhere(instance.reset_version):
            return False
        domain = instance.domain
        if instance.state != GatewayState.REFUNDED:
            instance.state = GatewayState.NO_DOMAIN
        # D2: the reset counts from when it was asked for.
        instance.domain, instance.reset_at, instance.resetting_since = "", since, None
        instance.cname = instance.certificate = instance.served = ""
        instance.behaviour, instance.servers, instance.look = None, [], {}
        instance.looked_at = None
        instance.save()
        keep_domain(instance)
        emit(
            EventKind.GATEWAY_RESET,
            account_id=instance.account_id,
            subject=instance.public_id,
            at=since,
            dedupe=f"{instance.public_id}:reset:{write_moment(since)}",
            data={"domain": domain, "visits": instance.visits, "bytes_out": instance.bytes_out},
        )
    return True


def _refuse_impossible(instance: GatewayInstance) -> None:
    refuse_ended(instance)
    possible = (GatewayState.DOMAIN_ADDED, *SERVED)
    if not instance.domain or instance.state not in possible:
        raise Refusal("Only an instance with a domain can be reset.", code="no_domain", clause="R18")


def _said(actor: Actor, instance: GatewayInstance) -> dict[str, object]:
    return {"gateway": instance.public_id, "a": actor.account_id, "domain": instance.domain}


def _read(token: str) -> object:
    try:
        return signing.loads(token, salt=_SALT, max_age=TOKEN_SECONDS)
    except signing.SignatureExpired:
        code, message = "confirmation_expired", "The confirmation is older than an hour."
    except signing.BadSignature:
        code, message = "confirmation_invalid", "This is not a confirmation that was given out."
    raise InvalidInput(
        message,
        field="confirmation",
        code=code,
        next_steps=["Read the warning again (prepare), then confirm it."],
    )
