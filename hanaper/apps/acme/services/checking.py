"""Checking challenges: begun by the client, looked at in the background, decided under the account's lock."""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.acme import probing
from hanaper.apps.acme.directories import US, refuse_unless_issuing
from hanaper.apps.acme.locks import lock_account
from hanaper.apps.acme.models import AcmeAccount, Authorization, Challenge
from hanaper.apps.acme.services.authorizations import fail_orders, promote_orders, valid_until
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.probes import Answer
from hanaper.core.acme.challenges import problem_type
from hanaper.core.acme.problems import AcmeProblem, malformed
from hanaper.core.acme.states import AccountState, AuthorizationState, ChallengeState, before
from hanaper.storage.composed import Change, composed, composed_change
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger
from hanaper.storage.wake import pursuit, wake_pursuit

log = logger(__name__)

SIDE_BY_SIDE = 16  # looks at once
AT_ONCE = 200  # of those due
LEASE = timedelta(seconds=30)  # longer than a look
# A client says that it is ready when it is; what it set up may take a moment to be seen everywhere.
WAITS = (timedelta(seconds=1), timedelta(seconds=3))


def challenge_of(account: AcmeAccount, public_id: str) -> Challenge:
    """AcmeProblem `malformed`, 404, for another account's as for none."""
    found = _of_account.first(account.pk, public_id)
    if found is None:
        raise malformed("There is no such challenge.", 404)
    return found


@composed
def _of_account(account_pk: int, public_id: str) -> QuerySet[Challenge]:
    rows = Challenge.objects.filter(authorization__acme_account=account_pk, public_id=public_id)
    return rows.select_related("authorization__acme_account")


def begin_check(
    account: AcmeAccount, challenge: Challenge, *, at: datetime, system_at: datetime
) -> Challenge:
    """The client is ready (RFC 8555 7.5.1); said again, it changes nothing."""
    refuse_unless_issuing(account.ca, at)
    with transaction.atomic():
        lock_account(account.pk)
        challenge = challenge_of(account, challenge.public_id)
        authorization = challenge.authorization
        waits = authorization.state == AuthorizationState.PENDING and authorization.expires_at > at
        if waits and _begin(challenge.pk, system_at):
            challenge.state = ChallengeState.PROCESSING
            wake_pursuit("acme.challenge", challenge.pk)
    return challenge


@composed_change
def _begin(pk: int, due_at: datetime) -> Change:
    rows = Challenge.objects.filter(pk=pk, state__in=before(ChallengeState.PROCESSING))
    return Change(rows, state=ChallengeState.PROCESSING, due_at=due_at)


@pursuit("acme.challenge")
def pursue_challenge(pk: int, at: datetime, system_at: datetime) -> None:
    """Look once at a challenge that is due and that nobody else looks at, and decide; at others that are due
    with it, for a server that does not answer takes seconds."""
    others = (other for other in due_challenges(system_at) if other != pk)
    pursue_challenges([pk, *itertools.islice(others, SIDE_BY_SIDE - 1)], at, system_at)


def due_challenges(system_at: datetime) -> list[int]:
    """Their keys, those due longest first; at most AT_ONCE."""
    return _due.all(system_at)


@composed
def _due(system_at: datetime) -> QuerySet[Challenge, int]:
    rows = Challenge.objects.filter(state=ChallengeState.PROCESSING, due_at__lte=system_at)
    return rows.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]


def pursue_challenges(pks: Sequence[int], at: datetime, system_at: datetime) -> None:
    claimed = [challenge for pk in pks if (challenge := _claim(pk, system_at)) is not None]
    if not claimed:
        return
    crashpoint("acme.check.before_look")
    if len(claimed) == 1:
        answers = [_look(claimed[0])]
    else:
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as threads:
            answers = list(threads.map(_look, claimed))
    crashpoint("acme.check.after_look")
    for challenge, answer in zip(claimed, answers, strict=True):
        _decide(challenge, answer, at, system_at)
        crashpoint("acme.check.after_commit")


def _claim(pk: int, system_at: datetime) -> Challenge | None:
    return _whole.first(pk) if _lease(pk, system_at, system_at + LEASE) else None


@composed_change
def _lease(pk: int, system_at: datetime, until: datetime) -> Change:
    rows = Challenge.objects.filter(pk=pk, state=ChallengeState.PROCESSING, due_at__lte=system_at)
    return Change(rows, due_at=until)


@composed
def _whole(pk: int) -> QuerySet[Challenge]:
    return Challenge.objects.select_related("authorization__acme_account").filter(pk=pk)


def _look(challenge: Challenge) -> Answer:
    """In a thread of its own, perhaps: touches no table."""
    try:
        return probing.look(challenge)
    except Exception:
        log.exception("acme_check_broke", challenge=challenge.public_id)
        message = "We could not look, for a reason of our own."
        return Answer(False, {"place": "", "problem": "internal", "message": message})


def _decide(challenge: Challenge, answer: Answer, at: datetime, system_at: datetime) -> None:
    with transaction.atomic():
        account = lock_account(challenge.authorization.acme_account_id)
        challenge = _whole.get(challenge.pk)
        if challenge.state != ChallengeState.PROCESSING:
            return
        authorization, tries = challenge.authorization, challenge.tries + 1
        rows = Challenge.objects.filter(pk=challenge.pk, state=ChallengeState.PROCESSING)
        if account.state != AccountState.VALID or authorization.state != AuthorizationState.PENDING:
            # Given up, or shown by another challenge, while we looked.
            rows.update(state=ChallengeState.INVALID, due_at=None)
        elif answer.passed:
            _passed(challenge.pk, tries, at)
            _validated(authorization, challenge, at)
        else:
            seen = answer.seen
            problem = AcmeProblem(problem_type(seen["problem"]), f"{seen['place']}: {seen['message']}")
            if tries <= len(WAITS):
                due = system_at + WAITS[tries - 1]
                rows.update(tries=tries, error=problem.document(), due_at=due)
            else:
                rows.update(state=ChallengeState.INVALID, tries=tries, error=problem.document(), due_at=None)
                _failed(authorization, challenge, problem, at, system_at)


@composed_change
def _passed(pk: int, tries: int, at: datetime) -> Change:
    rows = Challenge.objects.filter(pk=pk, state=ChallengeState.PROCESSING)
    return Change(rows, state=ChallengeState.VALID, due_at=None, tries=tries, validated_at=at, error=None)


@composed_change
def _shown(authorization_pk: int, until: datetime) -> Change:
    rows = Authorization.objects.filter(pk=authorization_pk, state__in=before(AuthorizationState.VALID))
    return Change(rows, state=AuthorizationState.VALID, expires_at=until)


def _validated(authorization: Authorization, challenge: Challenge, at: datetime) -> None:
    if _shown(authorization.pk, valid_until(at)):
        promote_orders(authorization)
        _record(AuditAction.ACME_AUTHORIZATION_VALIDATED, authorization, challenge, at)


def _failed(
    authorization: Authorization,
    challenge: Challenge,
    problem: AcmeProblem,
    at: datetime,
    system_at: datetime,
) -> None:
    rows = Authorization.objects.filter(pk=authorization.pk, state__in=before(AuthorizationState.INVALID))
    if rows.update(state=AuthorizationState.INVALID, failed_at=system_at):
        fail_orders(authorization, problem)
        _record(AuditAction.ACME_AUTHORIZATION_FAILED, authorization, challenge, at, problem.message)


def _record(
    action: AuditAction, authorization: Authorization, challenge: Challenge, at: datetime, why: str = ""
) -> None:
    account = challenge.authorization.acme_account
    record(
        US,
        action,
        authorization.public_id,
        at=at,
        account_id=account.account_id,
        after={
            "acme_account": account.public_id,
            "identifier": authorization.value,
            "wildcard": authorization.wildcard,
            "challenge": challenge.kind,
            **({"why": why} if why else {}),
        },
    )
