"""The lock of an ACME account: whoever changes what hangs on it, taken without any other."""

from django.db.models import QuerySet

from hanaper.apps.acme.models import AcmeAccount
from hanaper.storage.composed import composed


def lock_account(pk: int) -> AcmeAccount:
    """The account as it is now, locked until the transaction ends: two checks that pass at once must see each
    other, or an order would wait for ever."""
    return _locked.get(pk)


@composed
def _locked(pk: int) -> QuerySet[AcmeAccount]:
    return AcmeAccount.objects.select_for_update().filter(pk=pk)
