"""The lock of an authority: its CRL numbers are given out one after the other."""

from hanaper.apps.authority.models import Authority


def lock_authority(pk: int) -> Authority:
    """The authority, locked until the transaction ends."""
    return Authority.objects.select_for_update().get(pk=pk)
