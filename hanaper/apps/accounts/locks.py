"""Locks of people: an account before its members, a staff role before whoever has it."""

from hanaper.apps.accounts.models import Account, StaffMembership
from hanaper.core.actor import StaffRole


def lock_account(pk: int) -> Account:
    """The account, locked until the transaction ends."""
    return Account.objects.select_for_update().get(pk=pk)


def lock_staff(role: StaffRole) -> list[StaffMembership]:
    """Everybody who has the role, locked in pk order."""
    return list(StaffMembership.objects.select_for_update().filter(role=role).order_by("pk"))
