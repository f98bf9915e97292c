"""A wish carried out: a certificate is taken, applied for, followed until it is served, and had anew in time.

The wish is committed before anything is asked of a product; what is begun is written into it in the
transaction that takes it; and every step looks first where the certificate stands. So a step may be taken
twice, by whoever comes next.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.leading import where_it_leads
from hanaper.apps.gateway.locks import WITH_DOMAIN
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.gateway.services.looking import LOOK, holder_of
from hanaper.apps.gateway.services.wishing import PURSUE
from hanaper.apps.gateway.states import WishState
from hanaper.apps.gateway.supply import proving, supplier_of
from hanaper.apps.orders.locks import lock_order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.actor import system
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, ShownBy, Stage, Standing
from hanaper.core.refund.canonical import write_moment
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.leases import back_off, claim
from hanaper.storage.wake import pursuit, wake_pursuit

US = system("gateway")
W = WishState
# How soon again: while an issuer works on it, after what failed, and while an order is locked (D11).
FIRST_LOOK, LONGEST_LOOK = timedelta(seconds=2), timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
LONGEST_REFUSED = timedelta(minutes=15)  # nothing was begun: quota, or a CA that issues, may be there soon
WAIT_WHILE_LOCKED = timedelta(seconds=30)


@pursuit(PURSUE)
def supply(pk: int, at: datetime, system_at: datetime) -> None:
    """Take a wish one step on, if it is due and nobody else does."""
    if not claim(CertificateWish.objects.all(), pk, system_at, column="next_at"):
        return
    wish = CertificateWish.objects.select_related("instance__order").get(pk=pk)
    if wish.state == W.ENDING:
        _call_off(wish, at, system_at)
        return
    instance = wish.instance
    if instance.state not in WITH_DOMAIN or instance.order.state != OrderState.PAID:
        _same(wish).update(next_at=system_at + WAIT_WHILE_LOCKED)
        return
    crashpoint("gateway.supply.before_step")
    try:
        standing = _advance(wish, at)
    except Refusal as refusal:
        _fail(pk, refusal, at, system_at)
        return
    crashpoint("gateway.supply.after_step")
    _write(pk, standing, at, system_at)


def notice_proofs(system_at: datetime) -> int:
    """By the sweep: served ones whose issuer asks again for a proof, since they are being reissued."""
    wanted = proving()
    if not wanted:
        return 0
    return CertificateWish.objects.filter(state=W.SERVED, next_at=None, certificate__in=wanted).update(
        next_at=system_at
    )


def _advance(wish: CertificateWish, at: datetime) -> Standing | None:
    """Do what is to be done; where its certificate stands then, None while it waits for DNS."""
    supplier, instance = supplier_of(wish.source), wish.instance
    if wish.state == W.SERVED and instance.certificate:
        wish.certificate = instance.certificate  # a look follows to the next year, or to what lasts longer
    found = supplier.standing(wish.account_id, wish.certificate, at) if wish.certificate else None
    if _another(wish, found, at):
        shown_here = wish.source == QUOTA and wish.shown_by == ShownBy.GATEWAY
        # Looked at now: nothing is taken for a domain that leads elsewhere.
        if shown_here:
            seen = where_it_leads(instance.domain, instance.cname)
            if not seen.points_here or holder_of(instance, seen) is not None:
                return None
        asked = Asked(
            wish.account_id,
            instance.domain,
            wish.source,
            ShownBy(wish.shown_by),
            wish.contact,
            instance.certificate,
            wish.template,
            KeyAlgorithm(wish.key_algorithm) if wish.key_algorithm else None,
        )
        supplier.obtain(asked, partial(_begun, wish, at), at)
    elif found is not None and _to_go_on(wish, found):
        supplier.go_on(wish.account_id, wish.certificate, at)
    else:
        return found
    wish.refresh_from_db()
    return supplier.standing(wish.account_id, wish.certificate, at)


def _another(wish: CertificateWish, found: Standing | None, at: datetime) -> bool:
    """Whether a certificate is to be begun that is not the one of now."""
    first_or_again = wish.state in (W.WANTED, W.FAILED)
    if found is None:
        return first_or_again
    if found.stage is Stage.ISSUED:
        return wish.renews and found.renew_at is not None and found.renew_at <= at
    if found.stage is Stage.LOST:
        return first_or_again or (wish.state == W.SERVED and wish.renews)
    return found.stage is Stage.TAKEN_BACK and first_or_again


def _to_go_on(wish: CertificateWish, found: Standing) -> bool:
    again = found.stage is Stage.FAILED and wish.state in (W.WANTED, W.FAILED)
    return found.stage is Stage.BEGUN or again


def _begun(wish: CertificateWish, at: datetime, certificate: str) -> None:
    """In the transaction that takes it. Refused: `not_wanted`, when the wish was ended at this moment."""
    rows = CertificateWish.objects.filter(pk=wish.pk).exclude(state=W.ENDING)
    if not rows.update(state=W.APPLIED, certificate=certificate, proofs=[], records=[], told=False):
        raise Refusal("It is not wanted any more.", code="not_wanted")
    told = {"certificate": certificate, "source": wish.source, "domain": wish.instance.domain}
    record(
        US,
        AuditAction.GATEWAY_CERTIFICATE_BEGUN,
        wish.instance.public_id,
        at=at,
        account_id=wish.account_id,
        after=told,
    )
    _tell(EventKind.GATEWAY_CERTIFICATE_ORDERED, wish, at, certificate, certificate=certificate)


def _write(pk: int, standing: Standing | None, at: datetime, system_at: datetime) -> None:
    """What was found, whoever ended the wish meanwhile."""
    with transaction.atomic():
        wish = _locked(pk)
        if wish is None:
            return
        if standing is None:
            _update(wish, state=W.WANTED, code="waiting_for_dns", message="", next_at=None)
        elif standing.stage is Stage.ISSUED:
            _serve(wish, standing, at, system_at)
        elif standing.stage in (Stage.PENDING, Stage.BEGUN):
            pause = back_off(wish.tries + 1, first=FIRST_LOOK, longest=LONGEST_LOOK)
            _update(
                wish,
                state=W.APPLIED,
                code=standing.code,
                message=standing.message[:1000],
                next_steps=[],
                tries=wish.tries + 1,
                next_at=system_at + pause,
                **_shown(wish, standing),
            )
        else:
            if standing.stage is Stage.LOST and wish.state == W.SERVED and not wish.renews:
                standing = replace(standing, stage=Stage.TAKEN_BACK)  # the next one only when its owner asks
            longest = None if standing.stage is Stage.TAKEN_BACK else LONGEST_PAUSE
            _write_failure(wish, _refusal_of(standing), at, system_at, longest)


def _serve(wish: CertificateWish, standing: Standing, at: datetime, system_at: datetime) -> None:
    """It is there: the instance takes it, and a look brings it to the nodes."""
    instance, certificate = wish.instance, wish.certificate
    if wish.state == W.SERVED and instance.certificate:
        certificate = instance.certificate
    told = wish.told and wish.certificate == certificate
    over = standing.tell_at is not None and standing.tell_at <= at
    if over and not told:
        _tell_of_end(wish, standing, at)
    moments = [] if told or over else [standing.tell_at]
    moments += [standing.renew_at] * wish.renews
    _update(
        wish,
        state=W.SERVED,
        certificate=certificate,
        code="",
        message="",
        next_steps=[],
        tries=0,
        told=told or over,
        ends_at=standing.ends_at,
        due_at=min((one for one in moments if one is not None and one > at), default=None),
        next_at=system_at + FIRST_LOOK if standing.proofs else None,
        **_shown(wish, standing),
    )
    if instance.certificate == certificate:
        return
    before, instance.certificate = instance.certificate, certificate
    rows = GatewayInstance.objects.filter(pk=instance.pk)
    rows.update(certificate=certificate, look_due_at=system_at)
    wake_pursuit(LOOK, instance.pk)
    record(
        US,
        AuditAction.GATEWAY_CHANGED,
        instance.public_id,
        at=at,
        account_id=wish.account_id,
        before={"certificate": before},
        after={"certificate": certificate},
    )
    if before:
        _tell(EventKind.GATEWAY_CERTIFICATE_RENEWED, wish, at, certificate, certificate=certificate)


def _shown(wish: CertificateWish, standing: Standing) -> dict[str, Any]:
    """What its issuer wants to see, for nodes and owner; nodes look again where it is another."""
    proofs = [one.model_dump() for one in standing.proofs]
    if proofs != wish.proofs:
        touch(wish.instance)
    records = [{"name": one.name, "value": one.value} for one in standing.records]
    return {"proofs": proofs, "records": records}


def _fail(pk: int, refusal: Refusal, at: datetime, system_at: datetime) -> None:
    with transaction.atomic():
        wish = _locked(pk)
        if wish is not None:
            _write_failure(wish, refusal, at, system_at, LONGEST_REFUSED)


def _write_failure(
    wish: CertificateWish, refusal: Refusal, at: datetime, system_at: datetime, longest: timedelta | None
) -> None:
    """Said with its reason, told once, tried again after a pause of at most `longest`; None: when its owner
    asks."""
    news = wish.state != W.FAILED or wish.code != refusal.code
    pause = longest and back_off(wish.tries + 1, first=FIRST_PAUSE, longest=longest)
    if wish.proofs:
        touch(wish.instance)
    _update(
        wish,
        state=W.FAILED,
        code=refusal.code[:60],
        message=_said(refusal)[:1000],
        next_steps=list(refusal.next_steps),
        tries=wish.tries + 1 if wish.state == W.FAILED else 1,
        next_at=pause and system_at + pause,
        proofs=[],
        records=[],
    )
    if news:
        moment = f"{refusal.code}:{write_moment(at)}"
        _tell(EventKind.GATEWAY_CERTIFICATE_FAILED, wish, at, moment, reason=_said(refusal))


def _refusal_of(standing: Standing) -> Refusal:
    steps = {
        Stage.TAKEN_BACK: ["Try again here, and another one is taken.", "Or choose one that is there."],
        Stage.FAILED: ["It is tried again by itself; or try again now."],
    }
    return Refusal(standing.message, code=standing.code, next_steps=steps.get(standing.stage, ()))


def _said(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput) and len(refusal.faults) > 1:
        return " ".join(fault.message for fault in refusal.faults)
    return refusal.message


def _call_off(wish: CertificateWish, at: datetime, system_at: datetime) -> None:
    """The domain is gone, or another certificate was chosen: what is pending is not wanted."""
    crashpoint("gateway.supply.before_call_off")
    try:
        supplier_of(wish.source).give_up(wish.account_id, wish.certificate, at)
    except Refusal as refusal:
        # D11, or it was issued at this moment.
        CertificateWish.objects.filter(pk=wish.pk).update(
            next_at=system_at + WAIT_WHILE_LOCKED, code=refusal.code[:60], message=refusal.message[:1000]
        )
        return
    crashpoint("gateway.supply.after_call_off")
    wish.delete()


def _locked(pk: int) -> CertificateWish | None:
    """The wish as it is now, the order of its instance locked; None if it was ended."""
    rows = CertificateWish.objects.select_related("instance").exclude(state=W.ENDING)
    found = rows.filter(pk=pk).first()
    if found is None:
        return None
    lock_order(found.instance.order_id)
    return rows.filter(pk=pk).first()


def _same(wish: CertificateWish) -> "QuerySet[CertificateWish]":
    return CertificateWish.objects.filter(pk=wish.pk, state=wish.state)


def _update(wish: CertificateWish, **columns: Any) -> None:
    CertificateWish.objects.filter(pk=wish.pk).update(**columns)


def _tell_of_end(wish: CertificateWish, standing: Standing, at: datetime) -> None:
    day = standing.ends_at.date().isoformat() if standing.ends_at else ""
    _tell(EventKind.GATEWAY_CERTIFICATE_ENDING, wish, at, wish.certificate, day=day, renews=wish.renews)


def _tell(kind: EventKind, wish: CertificateWish, at: datetime, once: str, **data: Any) -> None:
    emit(
        kind,
        account_id=wish.account_id,
        subject=wish.instance.public_id,
        at=at,
        dedupe=f"{wish.public_id}:{kind}:{once}",
        data={"domain": wish.instance.domain, "source": wish.source, **data},
    )
