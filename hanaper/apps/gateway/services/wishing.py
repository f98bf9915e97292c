"""The wish that an instance has its certificate by itself: made, said once more, and ended.

What it costs is taken later, by the pursuit (supplying.py), which reads the wish; here it is only written.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.locks import lock_with_domain
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.gateway.states import WishState
from hanaper.apps.gateway.supply import supplier_of
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, ShownBy, Stage
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.storage.wake import wake_pursuit
from hanaper.storage.walls import require_write

PURSUE = "gateway.supply"
PENDING = (WishState.WANTED, WishState.APPLIED, WishState.FAILED)  # what was taken for it is given back


@dataclass(frozen=True, slots=True)
class Automatic:
    """As its owner wants it; `renews`: the next one may be had, too, at what that costs; `template`,
    `key_algorithm`: as in core.gateway.supply.Asked, of every one."""

    source: str = QUOTA
    shown_by: ShownBy = ShownBy.GATEWAY
    contact: str = ""
    renews: bool = True
    template: str = ""
    key_algorithm: KeyAlgorithm | None = None


def refuse_impossible(instance: GatewayInstance, domain: str, wanted: Automatic, at: datetime) -> None:
    """Raise what is known to be against it before anything is changed: nothing left, nobody to contact."""
    supplier_of(wanted.source).refuse_impossible(_asked(instance, domain, wanted), at)


def make_automatic(
    actor: Actor, instance: GatewayInstance, wanted: Automatic, *, at: datetime
) -> GatewayInstance:
    """From now on the certificate of its domain comes by itself. One that is served and came from there is
    kept until it is due, if its template and its key are those that are wanted, or the key can be another one
    at no cost; otherwise one is had now. Refused as `refuse_impossible` and `lock_with_domain`."""
    require_write(actor)
    instance.refresh_from_db(fields=["certificate", "domain"])
    supplier_of(wanted.source).judge(_asked(instance, instance.domain, wanted), at)
    kept = _kept(actor, instance, wanted, at)
    pending = CertificateWish.objects.filter(instance=instance, source=wanted.source, state__in=PENDING)
    if not kept and not pending.exists() and not _under_way(instance, wanted).exists():
        refuse_impossible(instance, instance.domain, wanted, at)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        same = _under_way(instance, wanted)
        if same.update(contact=wanted.contact, renews=wanted.renews, next_at=clock.system_now()):
            _record(actor, instance, wanted, at)
        else:
            end_wish(instance)
            begin_wish(actor, instance, wanted, certificate=kept, at=at)
    return instance


def retry(actor: Actor, instance: GatewayInstance, *, at: datetime) -> GatewayInstance:
    """Try again now what has failed, or was taken back. Refused: `nothing_to_retry`, `no_domain`."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        wish = wish_of(instance)
        if wish is None or wish.state != WishState.FAILED:
            raise Refusal(
                "No certificate of this instance has failed.",
                code="nothing_to_retry",
                next_steps=["Look at the instance: it says what it waits for."],
            )
        wish.state, wish.tries, wish.next_at = WishState.WANTED, 0, clock.system_now()
        wish.save(update_fields=["state", "tries", "next_at"])
        wake_pursuit(PURSUE, wish.pk)
        _record(actor, instance, _wanted(wish), at)
    return instance


def begin_wish(
    actor: Actor, instance: GatewayInstance, wanted: Automatic, *, certificate: str = "", at: datetime
) -> CertificateWish:
    """In the caller's transaction, which has locked the instance and given it its domain."""
    made = CertificateWish.objects.create(
        account_id=instance.account_id,
        instance=instance,
        state=WishState.SERVED if certificate else WishState.WANTED,
        source=wanted.source,
        shown_by=wanted.shown_by,
        contact=wanted.contact,
        template=wanted.template,
        key_algorithm=wanted.key_algorithm or "",
        renews=wanted.renews,
        certificate=certificate,
        asked_at=at,
        next_at=clock.system_now(),
    )
    wake_pursuit(PURSUE, made.pk)
    _record(actor, instance, wanted, at)
    return made


def end_wish(instance: GatewayInstance) -> None:
    """Nothing is wanted any more; what is pending is called off by the pursuit, what is issued stays.

    In the caller's transaction, which has locked the instance.
    """
    wish = wish_of(instance)
    if wish is None:
        return
    if not wish.certificate or wish.state == WishState.SERVED:
        wish.delete()
    else:
        rows = CertificateWish.objects.filter(pk=wish.pk)
        rows.update(state=WishState.ENDING, proofs=[], records=[], due_at=None, next_at=clock.system_now())
        wake_pursuit(PURSUE, wish.pk)
    if wish.proofs:
        touch(instance)


def wish_of(instance: GatewayInstance) -> CertificateWish | None:
    return CertificateWish.objects.filter(instance=instance).exclude(state=WishState.ENDING).first()


def notice(instance: GatewayInstance, *, leads_here: bool, served: bool, system_at: datetime) -> None:
    """A look has seen what a wish waits for: its domain leads here, its certificate is gone, or is good again
    after a hold.

    In the look's transaction, which has locked the instance.
    """
    rows = CertificateWish.objects.filter(instance=instance, next_at=None)
    seen = Q(state__in=[WishState.WANTED] * leads_here + [WishState.SERVED] * (not served))
    if served:
        seen |= Q(state=WishState.FAILED, certificate=instance.certificate)
    rows = rows.filter(seen)
    for pk in list(rows.values_list("pk", flat=True)):
        rows.filter(pk=pk).update(next_at=system_at)
        wake_pursuit(PURSUE, pk)


def _asked(instance: GatewayInstance, domain: str, wanted: Automatic) -> Asked:
    return Asked(
        instance.account_id,
        domain,
        wanted.source,
        wanted.shown_by,
        wanted.contact,
        template=wanted.template,
        key_algorithm=wanted.key_algorithm,
    )


def _wanted(wish: CertificateWish) -> Automatic:
    key = KeyAlgorithm(wish.key_algorithm) if wish.key_algorithm else None
    return Automatic(
        wish.source, ShownBy(wish.shown_by), wish.contact, wish.renews, wish.template, key_algorithm=key
    )


def _kept(actor: Actor, instance: GatewayInstance, wanted: Automatic, at: datetime) -> str:
    """What is served, if it is of that source, like that, and not due yet; otherwise empty."""
    supplier = supplier_of(wanted.source)
    found = supplier.standing(instance.account_id, instance.certificate, at) if instance.certificate else None
    if found is None or found.stage is not Stage.ISSUED or found.source != wanted.source:
        return ""
    due = found.renew_at is not None and found.renew_at <= at
    if due or wanted.template not in ("", found.template):
        return ""
    key = wanted.key_algorithm
    if key in (None, found.key_algorithm) or supplier.rekey(
        actor, instance.account_id, instance.certificate, key, at
    ):
        return instance.certificate
    return ""


def _under_way(instance: GatewayInstance, wanted: Automatic) -> QuerySet[CertificateWish]:
    """The wish that this one only says more exactly."""
    rows = CertificateWish.objects.filter(
        instance=instance,
        source=wanted.source,
        shown_by=wanted.shown_by,
        template=wanted.template,
        key_algorithm=wanted.key_algorithm or "",
    )
    return rows.exclude(state=WishState.ENDING)


def _record(actor: Actor, instance: GatewayInstance, wanted: Automatic, at: datetime) -> None:
    record(
        actor,
        AuditAction.GATEWAY_CERTIFICATE_WANTED,
        instance.public_id,
        at=at,
        account_id=instance.account_id,
        after={
            "domain": instance.domain,
            "source": wanted.source,
            "renews": wanted.renews,
            "template": wanted.template,
            "key_algorithm": wanted.key_algorithm or "",
        },
    )
