"""Locks of payments: after the order (through `callbacks.lock`), before the balance; parts in their order."""

from hanaper.apps.payments.callbacks import connected
from hanaper.apps.payments.models import Payment, PaymentPart, Return


def lock_payment(pk: int) -> Payment:
    """The payment, locked, after whatever it pays for."""
    connected().lock(Payment.objects.get(pk=pk))
    return Payment.objects.select_for_update().get(pk=pk)


def lock_part(pk: int) -> PaymentPart:
    """The part, locked, after its payment."""
    payment_pk = PaymentPart.objects.values_list("payment_id", flat=True).get(pk=pk)
    lock_payment(payment_pk)
    rows = PaymentPart.objects.select_for_update(of=("self",))
    return rows.select_related("payment__account").get(pk=pk)


def lock_return(pk: int) -> Return:
    """The return, locked, after its refund, payment and part."""
    found = Return.objects.values_list("part_id", "reference").get(pk=pk)
    connected().lock_refund(found[1])
    lock_part(found[0])
    return (
        Return.objects.select_for_update(of=("self",))
        .select_related("part__payment__account", "reservation")
        .get(pk=pk)
    )
