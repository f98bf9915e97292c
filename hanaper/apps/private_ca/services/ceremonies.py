"""Ceremonies: one person proposes, another approves, and what was proposed is carried out, once.

The approval is committed first, then the verb of the operation runs as anybody would call it. In its last
transaction it marks the ceremony as carried out, so that a crash leaves it either approved, which the sweep
takes up again, or carried out (docs/adr/0009).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from hanaper import clock
from hanaper.apps.accounts.models import Account, Membership
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services.deeds import DEEDS
from hanaper.apps.private_ca.services.founding import PASSING
from hanaper.apps.private_ca.services.two_persons import WRITERS
from hanaper.apps.private_ca.states import OPEN_CEREMONY, CeremonyState, Operation
from hanaper.apps.private_ca.transcripts import add_line
from hanaper.core.actor import Actor, packed, system, unpacked
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.core.refund.canonical import write_moment
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger
from hanaper.storage.walls import require_write

log = logger(__name__)

TERM = timedelta(days=7)  # for the second person to decide, and for us to carry it out
LEASE = timedelta(minutes=2)  # an RSA key in a slow token takes its time
LONGEST_REASON = 500
WAITED_FOR = (*PASSING, "intermediates_enabled")  # D7: one person resets those


def propose(
    actor: Actor,
    account: Account,
    operation: Operation,
    ca: PrivateCA | None,
    parameters: Mapping[str, Any],
    *,
    at: datetime,
) -> Ceremony:
    """Propose what another person is to approve; nothing is done yet, and notices ask for that person.

    `parameters`: as `deeds` reads them. Refused: what the verb itself would refuse now, `ceremony_open`
    while the same is proposed already, `person_required`, `key_of_another`.
    """
    deed = DEEDS[operation]
    deed.may(actor)
    person = _person(actor)
    ceremony = Ceremony(
        account=account,
        ca=ca,
        operation=operation,
        parameters=dict(parameters),
        proposed_by_id=person,
        proposed_at=at,
        expires_at=at + TERM,
    )
    deed.check(actor, ceremony, at)
    with transaction.atomic():
        _refuse_second(ceremony)
        try:
            with transaction.atomic():
                ceremony.save()
        except IntegrityError:
            raise _open_already(ceremony.target) from None
        said = {"operation": operation, "target": ceremony.target, "parameters": ceremony.parameters}
        line = add_line(ceremony, actor, "proposed", said, at=at)
        _record(actor, AuditAction.CEREMONY_PROPOSED, ceremony, at, transcript=line.hash)
        emit(
            EventKind.CEREMONY_PROPOSED,
            account_id=account.pk,
            subject=ceremony.public_id,
            at=at,
            dedupe=f"{ceremony.public_id}:proposed",
            data={
                "operation": operation,
                "target": ceremony.target,
                "proposed_by": ceremony.proposed_by.email,
                "expires_at": write_moment(ceremony.expires_at),
            },
        )
    return ceremony


def approve(actor: Actor, ceremony: Ceremony, *, at: datetime) -> Ceremony:
    """The second person says yes, and it is carried out; the sweep does it where that is cut short.

    Refused: `second_person_required`, `key_of_another`, `ceremony_over`, `proposer_left`, and what the verb
    would refuse now: then it is still proposed.
    """
    deed = DEEDS[Operation(ceremony.operation)]
    deed.may(actor)
    person = _person(actor)
    if person == ceremony.proposed_by_id:
        raise Forbidden(
            "Whoever proposed it cannot approve it.",
            code="second_person_required",
            next_steps=["Ask another member of the account."],
        )
    _refuse_left(ceremony)
    deed.check(actor, ceremony, at)
    with transaction.atomic():
        _decide(ceremony, CeremonyState.APPROVED, at, decided_by_id=person, actor=packed(actor))
        line = add_line(ceremony, actor, "approved", {}, at=at)
        _record(actor, AuditAction.CEREMONY_APPROVED, ceremony, at, transcript=line.hash)
    crashpoint("private_ca.ceremony.after_approval")
    carry_out(ceremony.pk, at, clock.system_now())
    ceremony.refresh_from_db()
    return ceremony


def refuse(actor: Actor, ceremony: Ceremony, *, reason: str, at: datetime) -> Ceremony:
    """Somebody else of the account says no. Who proposed it withdraws it."""
    DEEDS[Operation(ceremony.operation)].may(actor)
    if _person(actor) == ceremony.proposed_by_id:
        raise Refusal(
            "Whoever proposed it withdraws it.",
            code="withdraw_instead",
            next_steps=[f"Withdraw {ceremony.public_id}, or let another member refuse it."],
        )
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput(f"Say why, in at most {LONGEST_REASON} characters.", field="reason")
    return _end(actor, ceremony, CeremonyState.REFUSED, reason, at)


def withdraw(actor: Actor, ceremony: Ceremony, *, at: datetime) -> Ceremony:
    """Whoever proposed it takes it back, before it is approved."""
    require_write(actor)
    if actor.user_id != ceremony.proposed_by_id:
        raise Forbidden(
            "Only whoever proposed it withdraws it; others refuse it.",
            code="not_yours",
            next_steps=[f"Refuse {ceremony.public_id}, and say why."],
        )
    return _end(actor, ceremony, CeremonyState.WITHDRAWN, "Withdrawn.", at)


def expire(pk: int, at: datetime) -> bool:
    """Nobody decided in time."""
    ceremony = Ceremony.objects.get(pk=pk)
    if ceremony.state != CeremonyState.PROPOSED or ceremony.expires_at > at:
        return False
    _end(system("ceremonies"), ceremony, CeremonyState.EXPIRED, "Nobody decided in time.", at)
    return True


def carry_out(pk: int, at: datetime, system_at: datetime) -> bool:
    """Run the verb of an approved ceremony; False while another process is at it, or it must wait."""
    free = Q(leased_until=None) | Q(leased_until__lte=system_at)
    approved = Ceremony.objects.filter(free, pk=pk, state=CeremonyState.APPROVED)
    if not approved.update(leased_until=system_at + LEASE):
        return False
    ceremony = Ceremony.objects.select_related("account", "ca", "proposed_by", "decided_by").get(pk=pk)
    actor = replace(unpacked(ceremony.actor or {}), ceremony=ceremony.public_id)
    try:
        if at >= ceremony.expires_at:
            raise Refusal("It could not be carried out in time.", code="ceremony_expired")
        DEEDS[Operation(ceremony.operation)].run(actor, ceremony, at)
    except Refusal as refusal:
        if refusal.code in WAITED_FOR:
            log.warning("ceremony_waits", ceremony=ceremony.public_id, code=refusal.code)
            return False
        return _fail(actor, ceremony, refusal, at)
    crashpoint("private_ca.ceremony.after_verb")
    return True


def _fail(actor: Actor, ceremony: Ceremony, refusal: Refusal, at: datetime) -> bool:
    """Refused for good, unless the refusal only says that another process was faster."""
    steps = [*refusal.next_steps, "Propose it again then: this ceremony is over."]
    problem = {"code": refusal.code, "message": refusal.message, "next_steps": steps}
    with transaction.atomic():
        rows = Ceremony.objects.filter(pk=ceremony.pk, state=CeremonyState.APPROVED)
        if rows.update(state=CeremonyState.FAILED, problem=problem, leased_until=None):
            _tell_end(actor, ceremony, CeremonyState.FAILED, refusal.message, at)
    return True


def _end(actor: Actor, ceremony: Ceremony, state: CeremonyState, why: str, at: datetime) -> Ceremony:
    with transaction.atomic():
        _decide(ceremony, state, at, decided_by_id=actor.user_id, overdue=state is CeremonyState.EXPIRED)
        _tell_end(actor, ceremony, state, why, at)
    return ceremony


def _tell_end(actor: Actor, ceremony: Ceremony, state: CeremonyState, why: str, at: datetime) -> None:
    line = add_line(ceremony, actor, state.value, {"why": why}, at=at)
    _record(actor, AuditAction.CEREMONY_ENDED, ceremony, at, state=state, why=why, transcript=line.hash)
    emit(
        EventKind.CEREMONY_ENDED,
        account_id=ceremony.account_id,
        subject=ceremony.public_id,
        at=at,
        dedupe=f"{ceremony.public_id}:{state}",
        data={"operation": ceremony.operation, "target": ceremony.target, "problem": why},
    )


def _decide(
    ceremony: Ceremony, state: CeremonyState, at: datetime, *, overdue: bool = False, **changes: object
) -> None:
    """Out of `proposed`, once; only the sweep moves what is overdue."""
    rows = Ceremony.objects.filter(pk=ceremony.pk, state=CeremonyState.PROPOSED)
    if not overdue:
        rows = rows.filter(expires_at__gt=at)
    if rows.update(state=state, decided_at=at, **changes) != 1:
        ceremony.refresh_from_db()
        raise Refusal(
            "This ceremony waits for nobody's decision any more.",
            code="ceremony_over",
            next_steps=["Look at what became of it; propose it again if it is still to be done."],
            details={"state": ceremony.state},
        )
    ceremony.refresh_from_db()


def _person(actor: Actor) -> int:
    """Who acts. A key that somebody else made for them proves only that one of the two does."""
    if actor.user_id is None:
        raise Forbidden(
            "A ceremony needs persons.",
            code="person_required",
            next_steps=["Sign in to the console, or use an access key of your own."],
        )
    if actor.access_key is not None:
        made = AuditEntry.objects.filter(target=actor.access_key, action=AuditAction.ACCESS_KEY_CREATED)
        if made.filter(user__isnull=False).exclude(user_id=actor.user_id).exists():
            raise Forbidden(
                "This access key was made for you by somebody else, who could use it as well.",
                code="key_of_another",
                next_steps=["Sign in to the console, and do it there."],
            )
    return actor.user_id


def _refuse_left(ceremony: Ceremony) -> None:
    rows = Membership.objects.filter(account=ceremony.account_id, user=ceremony.proposed_by_id)
    if not rows.filter(role__in=WRITERS).exists():
        raise Refusal(
            "Whoever proposed it has left the account, or may only read now.",
            code="proposer_left",
            next_steps=["Refuse it, and propose it yourself."],
        )


def _refuse_second(ceremony: Ceremony) -> None:
    same = Ceremony.objects.filter(account=ceremony.account, ca=ceremony.ca, operation=ceremony.operation)
    found = same.filter(state__in=OPEN_CEREMONY).first()
    if found is not None:
        raise _open_already(ceremony.target, found.public_id)


def _open_already(target: str, public_id: str = "") -> Refusal:
    """Also where it differs in what exactly is to be done: two could not both be carried out."""
    return Refusal(
        f"Another proposal of this operation is open for {target}.",
        code="ceremony_open",
        details={"ceremony": public_id} if public_id else {},
        next_steps=[
            f"Withdraw {public_id}, or have it decided first."
            if public_id
            else "Withdraw it, or have it decided first."
        ],
    )


def _record(actor: Actor, action: AuditAction, ceremony: Ceremony, at: datetime, **told: object) -> None:
    record(
        actor,
        action,
        ceremony.public_id,
        at=at,
        account_id=ceremony.account_id,
        after={"operation": ceremony.operation, "target": ceremony.target, **told},
    )
