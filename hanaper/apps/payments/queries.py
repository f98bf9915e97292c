"""Reading payments within the wall of the account."""

from collections.abc import Sequence

from hanaper.apps.accounts.models import Account
from hanaper.apps.payments.models import PaymentPart


def parts_named(account: Account, public_ids: Sequence[str]) -> dict[str, PaymentPart]:
    """Those of the account among these ids, each with its payment and the order of that."""
    parts = PaymentPart.objects.filter(public_id__in=public_ids, payment__account=account)
    return {part.public_id: part for part in parts.select_related("payment__order")}
