"""What two persons can do together: each operation with what is looked at before, and the verb it becomes.

A new operation is a word in `states.Operation`, an entry here, and `require` and `carried_out` in its verb.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony, TwoPersonRule
from hanaper.apps.private_ca.services.crossing import cross_sign, refuse_crossing
from hanaper.apps.private_ca.services.enabling import enable_ca, refuse_enabling
from hanaper.apps.private_ca.services.outside import (
    begin_outside,
    complete_outside,
    refuse_completing,
    refuse_requesting,
    renew_outside,
)
from hanaper.apps.private_ca.services.renewing import Renewal, refuse_renewing, renew_ca
from hanaper.apps.private_ca.services.resetting import refuse_without_key, reset_by_plan
from hanaper.apps.private_ca.services.two_persons import tell_end, two_persons
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import CeremonyState, Operation, PrivateCaKind
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole
from hanaper.core.errors import Forbidden, InvalidInput, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from hanaper.storage.walls import require_staff, require_write


@dataclass(frozen=True, slots=True)
class Deed:
    """`may`: refuses whoever may neither propose nor approve it. `check`: refuses, before it is proposed and
    again before it is approved, what the verb would refuse now. `run`: the verb, as the actor of the
    approval, whose `ceremony` is set."""

    may: Callable[[Actor], None]
    check: Callable[[Actor, Ceremony, datetime], None]
    run: Callable[[Actor, Ceremony, datetime], object]


def enabling(given: CaSettings, parent: PrivateCA | None) -> dict[str, Any]:
    """The parameters of an `enable`."""
    settings = {name: value for name, value in asdict(given).items() if value is not None}
    return {"settings": settings, "parent": parent.public_id if parent else None}


def _given(actor: Actor, parameters: Mapping[str, Any]) -> tuple[CaSettings, PrivateCA | None]:
    written = dict(parameters["settings"])
    subject = Subject(**written.pop("subject"))
    algorithm = KeyAlgorithm(written.pop("algorithm")) if "algorithm" in written else None
    name = parameters["parent"]
    parent = PrivateCA.objects.get_visible(actor, name, what="private CA") if name else None
    return CaSettings(subject=subject, algorithm=algorithm, **written), parent


def _member(actor: Actor) -> None:
    """Whoever may write in the account; no operator has a say in what its root CAs do."""
    if actor.kind is not ActorKind.CUSTOMER:
        raise Forbidden(
            "Only members of the account may do this.",
            code="customer_key_required",
            next_steps=["Ask an owner or a member of the account."],
        )
    require_write(actor)


def _check_enable(actor: Actor, ceremony: Ceremony, at: datetime) -> None:
    given, parent = _given(actor, ceremony.parameters)
    refuse_enabling(_ca(ceremony), given, parent, at)


def _enable(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    given, parent = _given(actor, ceremony.parameters)
    return enable_ca(actor, _ca(ceremony), given, parent=parent, at=at)


def _check_reset(_actor: Actor, ceremony: Ceremony, _at: datetime) -> None:
    ca = _ca(ceremony)
    if ca.kind != PrivateCaKind.ROOT:
        raise InvalidInput(
            "Only the reset of a root takes two persons.",
            field="operation",
            code="one_is_enough",
            next_steps=["Reset this CA alone, without a ceremony."],
        )
    # D7 is for when it is carried out: two agree on it before the first step that nobody can undo.
    refuse_without_key(ca)


def _reset(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    return reset_by_plan(actor, _ca(ceremony), at=at)


def renewing(wanted: Renewal) -> dict[str, Any]:
    """The parameters of a `renew`."""
    return {name: value for name, value in asdict(wanted).items() if value is not None}


def _renewal(ceremony: Ceremony) -> Renewal:
    written = dict(ceremony.parameters)
    algorithm = KeyAlgorithm(written.pop("algorithm")) if "algorithm" in written else None
    return Renewal(algorithm=algorithm, **written)


def _check_renew(_actor: Actor, ceremony: Ceremony, at: datetime) -> None:
    refuse_renewing(_ca(ceremony), _renewal(ceremony), at)


def _renew(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    return renew_ca(actor, _ca(ceremony), _renewal(ceremony), at=at)


def crossing(by: PrivateCA) -> dict[str, Any]:
    """The parameters of a `cross_sign`."""
    return {"by": by.public_id}


def _by(actor: Actor, ceremony: Ceremony) -> PrivateCA:
    return PrivateCA.objects.get_visible(actor, ceremony.parameters["by"], what="private CA")


def _check_cross_sign(actor: Actor, ceremony: Ceremony, at: datetime) -> None:
    refuse_crossing(_ca(ceremony), _by(actor, ceremony), at)


def _cross_sign(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    return cross_sign(actor, _ca(ceremony), _by(actor, ceremony), at=at)


def requesting(given: CaSettings) -> dict[str, Any]:
    """The parameters of a `request`, the first one of a CA."""
    return enabling(given, None)


def requesting_again(*, new_key: bool, algorithm: KeyAlgorithm | None) -> dict[str, Any]:
    """The parameters of a `request` of a CA that was signed elsewhere before."""
    return renewing(Renewal(new_key=new_key, algorithm=algorithm))


def _check_request(actor: Actor, ceremony: Ceremony, at: datetime) -> None:
    first = "settings" in ceremony.parameters
    refuse_requesting(_ca(ceremony), _given(actor, ceremony.parameters)[0] if first else None, at)


def _request(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    if "settings" in ceremony.parameters:
        return begin_outside(actor, _ca(ceremony), _given(actor, ceremony.parameters)[0], at=at)
    wanted = _renewal(ceremony)
    ca = _ca(ceremony)
    return renew_outside(actor, ca, new_key=wanted.new_key, algorithm=wanted.algorithm, at=at)


def completing(chain: str) -> dict[str, Any]:
    """The parameters of a `complete`: PEM."""
    return {"chain": chain}


def _check_complete(_actor: Actor, ceremony: Ceremony, at: datetime) -> None:
    refuse_completing(_ca(ceremony), ceremony.parameters["chain"], at)


def _complete(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    return complete_outside(actor, _ca(ceremony), ceremony.parameters["chain"], at=at)


def _ca(ceremony: Ceremony) -> PrivateCA:
    if ceremony.ca is None:
        raise InvalidInput("Say which private CA it is about.", field="ca", code="missing")
    return PrivateCA.objects.get(pk=ceremony.ca.pk)


def _owner(actor: Actor) -> None:
    """An owner, or an administrator of the service where only one owner is left."""
    if actor.kind is ActorKind.OPERATOR:
        require_staff(actor, StaffRole.ADMINISTRATOR)
    elif actor.account_role is not AccountRole.OWNER:
        raise Forbidden(
            "Only owners of the account may do this.",
            code="role_too_small",
            next_steps=["Ask an owner of the account."],
        )


def _check_one_person(_actor: Actor, ceremony: Ceremony, _at: datetime) -> None:
    if two_persons(ceremony.account_id) is None:
        raise Refusal(
            "In this account one person is enough already.",
            code="one_is_enough",
            next_steps=["There is nothing to end: an owner can switch two persons on."],
        )


def _one_person(actor: Actor, ceremony: Ceremony, at: datetime) -> object:
    """The rule ends."""
    with transaction.atomic():
        rows = Ceremony.objects.filter(pk=ceremony.pk, state=CeremonyState.APPROVED)
        if rows.update(state=CeremonyState.CARRIED_OUT, leased_until=None) == 1:
            TwoPersonRule.objects.filter(account=ceremony.account).delete()
            record(
                actor,
                AuditAction.TWO_PERSONS_OFF,
                ceremony.account.public_id,
                at=at,
                account_id=ceremony.account_id,
                after={"two_persons": False, "ceremony": ceremony.public_id},
            )
            tell_end(ceremony, actor, {"two_persons": False}, at=at)
    return ceremony


DEEDS: dict[Operation, Deed] = {
    Operation.ENABLE: Deed(_member, _check_enable, _enable),
    Operation.RESET: Deed(_member, _check_reset, _reset),
    Operation.RENEW: Deed(_member, _check_renew, _renew),
    Operation.CROSS_SIGN: Deed(_member, _check_cross_sign, _cross_sign),
    Operation.REQUEST: Deed(_member, _check_request, _request),
    Operation.COMPLETE: Deed(_member, _check_complete, _complete),
    Operation.ONE_PERSON: Deed(_owner, _check_one_person, _one_person),
}
