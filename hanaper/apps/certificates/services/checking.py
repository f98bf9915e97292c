"""Checking control of domains: begun with an application, repeated with back-off until it is decided.

A check that passed is reused for the same account and name within the reuse rule (BR 4.2.1).
"""

import secrets as randomness
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction

from hanaper import clock
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.certificates import checks
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.claims import lock_certificate, lock_for_use, may_go_on
from hanaper.apps.certificates.services.failing import fail_application
from hanaper.apps.certificates.services.progress import proceed
from hanaper.apps.certificates.services.telling import tell
from hanaper.apps.certificates.vocabulary import ApplicationState, CheckMethod, CheckState
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.probes import Answer
from hanaper.core.actor import Actor, system
from hanaper.core.certificate.validity import DOMAIN_VALIDATION_REUSE, validation_usable
from hanaper.core.errors import RateLimited, Refusal
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.leases import back_off, claim
from hanaper.storage.logs import logger
from hanaper.storage.wake import pursuit, wake_pursuit
from hanaper.storage.walls import require_write

log = logger(__name__)

SIDE_BY_SIDE = 16  # looks at once
FIRST_WAIT = timedelta(seconds=5)
NODES_NEED = timedelta(seconds=2)  # until the gateway's nodes give what they are to give
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 250
LONGEST_TRYING = timedelta(days=14)  # system time
WAIT_WHILE_LOCKED = timedelta(seconds=30)
SOONEST_AGAIN = timedelta(seconds=3)  # between two looks that a customer asks for

US = system("domain checks")


def start_checks(application: Application, *, at: datetime, system_at: datetime) -> None:
    """One check for each name of a new application; those with a validation that still holds pass at once.

    In the caller's transaction.
    """
    certificate = application.certificate
    wildcards = {name[2:] for name in application.domains if name.startswith("*.")}
    waiting = []
    for domain, method in application.methods.items():
        known = _usable(certificate.account_id, domain, domain in wildcards, at)
        check = DomainCheck.objects.create(
            account_id=certificate.account_id,
            application=application,
            domain=domain,
            method=method,
            token=randomness.token_urlsafe(32),
            state=CheckState.PENDING if known is None else CheckState.PASSED,
            reused=known,
            obtained_at=None if known is None else known.obtained_at,
            created_at=at,
            began_at=system_at,
            due_at=_first_look(method, system_at) if known is None else None,
        )
        if known is None:
            waiting.append(check)
            if check.due_at == system_at:
                wake_pursuit("certificates.check", check.pk)
    if not waiting:
        proceed(application, at=at, system_at=system_at)
    elif theirs := [check.domain for check in waiting if check.method != CheckMethod.GATEWAY]:
        tell(
            EventKind.VALIDATION_NEEDED,
            certificate,
            at=at,
            dedupe=application.public_id,
            domains=", ".join(theirs),
        )


def _first_look(method: CheckMethod, system_at: datetime) -> datetime:
    return system_at + NODES_NEED if method == CheckMethod.GATEWAY else system_at


def _usable(account_id: int, domain: str, wildcard: bool, at: datetime) -> DomainCheck | None:
    """The newest validation of the name by this account, if a certificate may still be issued upon it."""
    rows = DomainCheck.objects.filter(
        account_id=account_id, domain=domain, state=CheckState.PASSED, reused=None, obtained_at__lte=at
    )
    if wildcard:
        rows = rows.filter(method=CheckMethod.DNS)
    known = rows.order_by("-obtained_at").first()
    if known is None or known.obtained_at is None:
        return None
    return known if validation_usable(known.obtained_at, at, DOMAIN_VALIDATION_REUSE) else None


@pursuit("certificates.check")
def pursue_check(pk: int, at: datetime, system_at: datetime) -> None:
    """Look once, if the check is due and nobody else looks; keep what was seen, and decide."""
    pursue_checks([pk], at, system_at)


def pursue_checks(pks: Sequence[int], at: datetime, system_at: datetime) -> None:
    """`pursue_check` for many: they are looked at side by side, for a silent name server takes seconds."""
    claimed = [check for pk in pks if (check := _claim(pk, at, system_at)) is not None]
    if not claimed:
        return
    crashpoint("certificates.check.before_look")
    if len(claimed) == 1:
        answers = [_look(claimed[0])]
    else:
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
            answers = list(threads.map(_look, claimed))
    crashpoint("certificates.check.after_look")
    for check, answer in zip(claimed, answers, strict=True):
        _decide(check, answer, at, system_at)
        crashpoint("certificates.check.after_commit")


def _claim(pk: int, at: datetime, system_at: datetime) -> DomainCheck | None:
    """The check, if it is ours to look at now."""
    if not claim(DomainCheck.objects.filter(state=CheckState.PENDING), pk, system_at):
        return None
    check = DomainCheck.objects.select_related("application").get(pk=pk)
    wildcard = f"*.{check.domain}" in check.application.domains
    if _usable(check.account_id, check.domain, wildcard, at):
        # Another application of this account has shown control of the name meanwhile.
        _reuse(check, wildcard, at, system_at)
        return None
    return check


def _look(check: DomainCheck) -> Answer:
    """In a thread of its own, perhaps: touches no table."""
    try:
        return checks.look(check)
    except Exception:
        log.exception("domain_check_broke", check=check.public_id)
        message = "We could not look, for a reason of our own."
        return Answer(False, {"place": "", "problem": "internal", "message": message})


def _decide(check: DomainCheck, answer: Answer, at: datetime, system_at: datetime) -> None:
    """Keep what was seen; the check passes, fails for good, or is due again."""
    with transaction.atomic():
        certificate, orders = lock_certificate(check.application.certificate_id)
        check.refresh_from_db()
        if check.state != CheckState.PENDING:  # withdrawn while we looked
            return
        check.tries += 1
        check.tried_at = system_at
        check.seen = dict(answer.seen)
        if not may_go_on(orders):
            check.due_at = system_at + WAIT_WHILE_LOCKED
        elif answer.passed:
            _pass(check, certificate, at, recorded_at=at)
        elif check.tries >= MOST_TRIES or system_at - check.began_at >= LONGEST_TRYING:
            _give_up(check, certificate, at)
        else:
            check.due_at = system_at + back_off(check.tries, first=FIRST_WAIT, longest=LONGEST_WAIT)
        check.save()
        if check.state == CheckState.PASSED:
            proceed(check.application, at=at, system_at=system_at)
        elif check.state == CheckState.FAILED:
            fail_application(
                US,
                check.application,
                code="domain_check_failed",
                reason=f"Control of {check.domain} could not be shown: {check.seen.get('message', '')}",
                at=at,
                system_at=system_at,
            )


def _reuse(check: DomainCheck, wildcard: bool, at: datetime, system_at: datetime) -> None:
    with transaction.atomic():
        certificate, orders = lock_certificate(check.application.certificate_id)
        check.refresh_from_db()
        known = _usable(check.account_id, check.domain, wildcard, at)
        if check.state != CheckState.PENDING or known is None or known.obtained_at is None:
            return
        if not may_go_on(orders):
            DomainCheck.objects.filter(pk=check.pk).update(due_at=system_at + WAIT_WHILE_LOCKED)
            return
        _pass(check, certificate, known.obtained_at, reused=known, recorded_at=at)
        check.save()
        proceed(check.application, at=at, system_at=system_at)


def _pass(
    check: DomainCheck,
    certificate: Certificate,
    obtained_at: datetime,
    *,
    reused: DomainCheck | None = None,
    recorded_at: datetime,
) -> None:
    check.state, check.obtained_at, check.reused = CheckState.PASSED, obtained_at, reused
    check.due_at = None
    _record(check, certificate, recorded_at)


def _give_up(check: DomainCheck, certificate: Certificate, at: datetime) -> None:
    check.state, check.due_at = CheckState.FAILED, None
    _record(check, certificate, at)


def _record(check: DomainCheck, certificate: Certificate, at: datetime) -> None:
    record(
        US,
        AuditAction.DOMAIN_CHECKED,
        check.public_id,
        at=at,
        account_id=certificate.account_id,
        after={
            "certificate": certificate.public_id,
            "domain": check.domain,
            "method": check.method,
            "state": check.state,
            "tries": check.tries,
            "seen": check.seen,
        },
    )


def recheck(actor: Actor, certificate: Certificate, *, at: datetime) -> Certificate:
    """Look now instead of when the back-off says. Refused: `nothing_to_check`, `recheck_too_soon` (429)."""
    require_write(actor)
    system_at = clock.system_now()
    with transaction.atomic():
        certificate, _ = lock_for_use(certificate.pk)
        pending = DomainCheck.objects.filter(
            application__certificate=certificate,
            application__state=ApplicationState.VALIDATING,
            state=CheckState.PENDING,
        )
        if not pending.exists():
            raise Refusal(
                "No domain of this certificate waits for a check.",
                code="nothing_to_check",
                details={"state": certificate.state},
            )
        tried = pending.exclude(tried_at=None).order_by("-tried_at").first()
        if tried is not None and tried.tried_at and system_at - tried.tried_at < SOONEST_AGAIN:
            raise RateLimited(
                "This was looked at a moment ago.",
                code="recheck_too_soon",
                details={"retry_after": SOONEST_AGAIN.seconds},
            )
        # Two may look at once then; the outcome is committed under the lock, once.
        pending.update(due_at=system_at)
        for pk in pending.values_list("pk", flat=True):
            wake_pursuit("certificates.check", pk)
        record(
            actor,
            AuditAction.DOMAIN_CHECKED,
            certificate.public_id,
            at=at,
            account_id=certificate.account_id,
            after={"asked": "recheck"},
        )
    return certificate
