"""Who does something: one value passed down, instead of four parallel arguments."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class AccountRole(StrEnum):
    """What a member may do in an account; each includes the ones after it."""

    OWNER = "owner"
    MEMBER = "member"
    READ_ONLY = "read_only"


class StaffRole(StrEnum):
    """What an operator may do; an administrator may do everything the others may."""

    ADMINISTRATOR = "administrator"
    REVIEWER = "reviewer"
    FINANCE = "finance"


class ActorKind(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"
    SYSTEM = "system"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever stands behind an operation, and from where.

    `account_id` is the primary key of the one account a customer acts in (None for the others);
    `user_id` the person; `access_key` the public id of the key used, if any; `address` the network
    address; `request_id` ties audit, logs and the answer together; `ceremony` the public id of what two
    persons do together, which only the carrying out of a ceremony sets.
    """

    kind: ActorKind
    name: str
    account_id: int | None = None
    account_role: AccountRole | None = None
    staff_roles: frozenset[StaffRole] = frozenset()
    user_id: int | None = None
    access_key: str | None = None
    address: str | None = None
    request_id: str | None = None
    ceremony: str | None = None

    @property
    def may_write(self) -> bool:
        """Whether a customer's role lets them change what the account owns."""
        return self.account_role in (AccountRole.OWNER, AccountRole.MEMBER)

    def has_staff_role(self, role: StaffRole) -> bool:
        return StaffRole.ADMINISTRATOR in self.staff_roles or role in self.staff_roles


def system(name: str) -> Actor:
    """The service itself: the sweep, a job, a scheduled change. `name` says which part of it."""
    return Actor(kind=ActorKind.SYSTEM, name=name)


def packed(actor: Actor) -> dict[str, Any]:
    """As JSON values, for what is carried out later in somebody's name."""
    return {**asdict(actor), "staff_roles": sorted(actor.staff_roles)}


def unpacked(written: Mapping[str, Any]) -> Actor:
    """The actor that `packed` wrote."""
    role = written["account_role"]
    return Actor(
        **{
            **written,
            "kind": ActorKind(written["kind"]),
            "account_role": AccountRole(role) if role else None,
            "staff_roles": frozenset(StaffRole(one) for one in written["staff_roles"]),
        }
    )
