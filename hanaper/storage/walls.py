"""Walls between accounts: the one way from an actor and a public id to a row.

An operator sees every account; a customer sees their own; for everybody else, and for ids that do not
exist, the answer is the same `NotFound`, so that nothing can be learnt from it.
"""

from typing import Any, TypeVar

from django.db import models

from hanaper.core.actor import Actor, ActorKind, StaffRole
from hanaper.core.errors import Forbidden, NotFound

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A query set of rows that belong to an account, directly or through `account_path`."""

    def visible_to(self, actor: Actor) -> "ScopedQuerySet[M]":
        """The rows that `actor` may see: all for operators and the system, else their account's."""
        if actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM):
            return self
        path = getattr(self.model, "account_path", "account_id")
        # A customer without an account sees nothing, rather than the rows without one.
        if actor.account_id is None:
            return self.none()
        return self.filter(**{path: actor.account_id})

    def get_visible(self, actor: Actor, public_id: str, *, what: str, **lookups: Any) -> M:
        """The one row with `public_id`, or `NotFound` whether it is missing or somebody else's."""
        row = self.visible_to(actor).filter(public_id=public_id, **lookups).first()
        if row is None:
            raise NotFound(
                f"There is no {what} {public_id!r} in this account.",
                code=f"{what.replace(' ', '_').lower()}_not_found",
            )
        return row


ScopedManager = models.Manager.from_queryset(ScopedQuerySet)


def require_write(actor: Actor) -> None:
    """Refuse customers whose role is read-only; operators and the system pass."""
    if actor.kind is ActorKind.CUSTOMER and not actor.may_write:
        raise Forbidden(
            "Your role in this account is read-only.",
            code="role_too_small",
            next_steps=["Ask an owner of the account to make you a member."],
        )


def require_staff(actor: Actor, role: StaffRole) -> None:
    """Refuse everybody but operators with `role` (an administrator has them all) and the system."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind is not ActorKind.OPERATOR or not actor.has_staff_role(role):
        raise Forbidden(
            f"Only an operator with the role {role.value} may do this.",
            code="staff_role_required",
            next_steps=["Ask an administrator of the service."],
        )
