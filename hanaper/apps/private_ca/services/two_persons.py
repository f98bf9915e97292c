"""The two-person rule of an account: what its verbs call, and how it is switched on (docs/adr/0009).

A verb on a root asks twice: `require` first, before anything is made, and `carried_out` in the transaction
that makes it true, which also writes the transcript. Both do nothing while one person is enough.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.accounts.models import Account, Membership, User
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony, TwoPersonRule
from hanaper.apps.private_ca.states import CeremonyState, Operation
from hanaper.apps.private_ca.transcripts import add_line
from hanaper.core.actor import AccountRole, Actor
from hanaper.core.errors import Forbidden, Refusal

_COMMANDS = {
    Operation.ENABLE: "hanaper pca enable",
    Operation.RESET: "hanaper pca reset",
    Operation.RENEW: "hanaper pca renew",
    Operation.CROSS_SIGN: "hanaper pca cross-sign",
    Operation.REQUEST: "hanaper pca enable --outside",
    Operation.COMPLETE: "hanaper pca outside complete",
}
WRITERS = (AccountRole.OWNER, AccountRole.MEMBER)


def two_persons(account_id: int) -> TwoPersonRule | None:
    """The rule of the account; None while one person is enough."""
    return TwoPersonRule.objects.select_related("switched_on_by").filter(account_id=account_id).first()


def require(actor: Actor, ca: PrivateCA, operation: Operation) -> None:
    """Refused (`two_persons_needed`) while the account's rule holds, unless two persons are at it."""
    if actor.ceremony is None:
        if two_persons(ca.account_id) is not None:
            raise two_needed(ca, operation)
    elif not _approved(actor, ca, operation).exists():
        raise _over()


def carried_out(
    actor: Actor, ca: PrivateCA, operation: Operation, said: Mapping[str, Any], *, at: datetime
) -> None:
    """In the last transaction of a verb: the ceremony, if it is one, has happened, once; `said` is what its
    transcript tells of it. Refused as `require` refuses: then nothing has happened."""
    require(actor, ca, operation)
    if actor.ceremony is None:
        return
    if _approved(actor, ca, operation).update(state=CeremonyState.CARRIED_OUT, leased_until=None) != 1:
        raise _over()
    tell_end(Ceremony.objects.get_visible(actor, actor.ceremony, what="ceremony"), actor, said, at=at)


def tell_end(ceremony: Ceremony, actor: Actor, said: Mapping[str, Any], *, at: datetime) -> None:
    """It was carried out: transcript, audit and event, in the caller's transaction."""
    both = {"proposed_by": ceremony.proposed_by.email}
    if ceremony.decided_by is not None:
        both["approved_by"] = ceremony.decided_by.email
    line = add_line(ceremony, actor, "carried out", {**both, **said}, at=at)
    record(
        actor,
        AuditAction.CEREMONY_CARRIED_OUT,
        ceremony.public_id,
        at=at,
        account_id=ceremony.account_id,
        after={"operation": ceremony.operation, **both, "transcript": line.hash},
    )
    emit(
        EventKind.CEREMONY_CARRIED_OUT,
        account_id=ceremony.account_id,
        subject=ceremony.public_id,
        at=at,
        dedupe=f"{ceremony.public_id}:carried_out",
        data={"operation": ceremony.operation, "target": ceremony.target, **both},
    )


def switch_on(actor: Actor, account: Account, *, at: datetime) -> TwoPersonRule:
    """From now on root operations of the account take two persons. Once more changes nothing.

    Owners only. Refused: `second_person_missing` while nobody else of the account could approve.
    """
    if actor.account_role is not AccountRole.OWNER or actor.account_id != account.pk or not actor.user_id:
        raise Forbidden(
            "Only owners of the account may do this.",
            code="role_too_small",
            next_steps=["Ask an owner of the account."],
        )
    if Membership.objects.filter(account=account, role__in=WRITERS).count() < 2:
        raise Refusal(
            "Nobody else in this account could approve what you propose.",
            code="second_person_missing",
            next_steps=["Let a second person into the account as an owner or a member."],
        )
    with transaction.atomic():
        rule, made = TwoPersonRule.objects.get_or_create(
            account=account,
            defaults={"switched_on_by": User.objects.get(pk=actor.user_id), "switched_on_at": at},
        )
        if made:
            record(
                actor,
                AuditAction.TWO_PERSONS_ON,
                account.public_id,
                at=at,
                account_id=account.pk,
                after={"two_persons": True},
            )
    return rule


def _approved(actor: Actor, ca: PrivateCA, operation: Operation) -> QuerySet[Ceremony]:
    return Ceremony.objects.filter(
        public_id=actor.ceremony, ca=ca, operation=operation, state=CeremonyState.APPROVED
    )


def two_needed(ca: PrivateCA, operation: Operation) -> Refusal:
    return Refusal(
        "In this account it takes two persons to change a root CA and what it signs.",
        code="two_persons_needed",
        next_steps=[
            f"Propose it on the console's page of {ca.public_id}, with `{_COMMANDS[operation]} --propose`, "
            f"or over REST: POST /api/v1/private-cas/{ca.public_id}/ceremonies, operation {operation}.",
            "Ask another member to approve it, on the page Ceremonies or with `hanaper pca ceremonies "
            "approve`; it is carried out then.",
        ],
        details={"ca": ca.public_id, "operation": operation},
    )


def _over() -> Refusal:
    return Refusal(
        "This ceremony is over, or was for something else.",
        code="ceremony_over",
        next_steps=["Look at what became of it; propose it again if it is still to be done."],
    )
