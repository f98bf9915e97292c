"""The proof that no part was refunded beyond what was paid in money (R3), and that the provider agrees."""

from collections.abc import Iterable, Mapping
from itertools import batched

from django.db.models import Sum

from hanaper.apps.ledger import accounts
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.ledger.verification import LedgerReport, account_totals
from hanaper.apps.ledger.vocabulary import TransferKind
from hanaper.apps.payments.models import ExternalRefund, PaymentPart, RefundAttempt, Return
from hanaper.apps.payments.providers import (
    CARD,
    ProviderCharge,
    ProviderRefund,
    ProviderTimeout,
    is_offered,
    provider,
)
from hanaper.apps.payments.vocabulary import MONEY, AttemptState, Means, PartState, ReturnState

BATCH = 500
_CAPTURES = (
    TransferKind.CARD_CAPTURED,
    TransferKind.HOLD_POSTED,
    TransferKind.VOUCHER_SPENT,
    TransferKind.COUPON_USED,
)


def verify_parts(report: LedgerReport) -> None:
    """Each part's columns against the ledger's transfers and its returns."""
    for parts in batched(PaymentPart.objects.order_by("pk").iterator(BATCH), BATCH):
        report.count("payment parts", len(parts))
        captured = _sums(_CAPTURES, parts)
        late = _sums((TransferKind.LATE_PAYMENT,), parts)
        returned = _returned(parts)
        external = _external(parts)
        for part in parts:
            _verify_part(
                report,
                part,
                captured=captured.get(part.public_id, 0),
                refunded=returned.get((part.pk, ReturnState.RETURNED), 0) + late.get(part.public_id, 0),
                reserved=returned.get((part.pk, ReturnState.RESERVED), 0)
                + returned.get((part.pk, ReturnState.RETURNING), 0),
                external=external.get(part.pk, 0),
            )


def _verify_part(
    report: LedgerReport, part: PaymentPart, *, captured: int, refunded: int, reserved: int, external: int
) -> None:
    if captured != part.captured:
        report.problems.append(f"{part}: {part.captured} captured, but the ledger says {captured}")
    if reserved != part.reserved:
        report.problems.append(f"{part}: {part.reserved} reserved, but its returns say {reserved}")
    # What went back outside may exceed what was left; the column stops at what was captured.
    if part.refunded != min(refunded + external, part.captured - part.reserved):
        report.problems.append(f"{part}: {part.refunded} refunded, but the ledger says {refunded + external}")
    if refunded + reserved > (part.captured if part.means in MONEY else 0):
        report.problems.append(f"{part}: refunded beyond what was paid in money (R3)")


def _sums(kinds: tuple[TransferKind, ...], parts: Iterable[PaymentPart]) -> Mapping[str, int]:
    rows = Transfer.objects.order_by().filter(
        kind__in=kinds, reference__in=[part.public_id for part in parts]
    )
    return dict(rows.values_list("reference").annotate(Sum("amount")))


def _returned(parts: Iterable[PaymentPart]) -> Mapping[tuple[int, str], int]:
    rows = Return.objects.order_by().filter(part__in=[part.pk for part in parts])
    return {
        (part, state): amount
        for part, state, amount in rows.values_list("part", "state").annotate(Sum("amount"))
    }


def _external(parts: Iterable[PaymentPart]) -> Mapping[int, int]:
    rows = ExternalRefund.objects.order_by().filter(part__in=[part.pk for part in parts])
    return dict(rows.values_list("part").annotate(Sum("amount")))


def verify_provider(report: LedgerReport) -> None:
    """Our card parts and refunds against the provider's own list, one by one, and in sum per currency."""
    if not is_offered(CARD):
        return
    try:
        charges = {charge.id: charge for charge in provider(CARD).list_charges()}
        refunds = {refund.id: refund for refund in provider(CARD).list_refunds()}
    except ProviderTimeout as error:
        report.problems.append(
            f"the card provider could not be asked: {error}. Is the service running, and are HANAPER_PORT and"
            " HANAPER_CARD_PROVIDER_URL here as they are there? Without the provider: --offline."
        )
        return
    report.count("charges at the provider", len(charges))
    report.count("refunds at the provider", len(refunds))
    _compare_charges(report, charges)
    _compare_refunds(report, refunds)
    _compare_sums(report, charges, refunds)


def _compare_charges(report: LedgerReport, charges: Mapping[str, ProviderCharge]) -> None:
    ours = PaymentPart.objects.filter(means=Means.CARD, state=PartState.CAPTURED).select_related("payment")
    known = set()
    for part in ours.iterator():
        known.add(part.provider_charge)
        charge = charges.get(part.provider_charge)
        if charge is None or charge.status != "succeeded":
            report.problems.append(f"{part}: the provider knows no such charge")
        elif (charge.amount, charge.currency) != (part.captured, part.payment.currency):
            report.problems.append(f"{part}: the provider charged {charge.amount} {charge.currency}")
    for charge in charges.values():
        if charge.status == "succeeded" and charge.id not in known:
            report.problems.append(
                f"charge {charge.id} of {charge.amount} {charge.currency} is in no payment"
            )


def _compare_refunds(report: LedgerReport, refunds: Mapping[str, ProviderRefund]) -> None:
    ours = {
        attempt.provider_refund: attempt
        for attempt in RefundAttempt.objects.filter(state=AttemptState.SUCCEEDED)
        .select_related("of")
        .iterator()
    }
    external = set(ExternalRefund.objects.values_list("provider_refund", flat=True))
    for attempt in ours.values():
        refund = refunds.get(attempt.provider_refund)
        if refund is None or refund.status != "succeeded":
            report.problems.append(f"{attempt.of}: the provider knows no such refund")
    for refund in refunds.values():
        if refund.status == "succeeded" and refund.id not in ours and refund.id not in external:
            report.problems.append(f"refund {refund.id} of {refund.amount} is in no return of ours")


def _compare_sums(
    report: LedgerReport, charges: Mapping[str, ProviderCharge], refunds: Mapping[str, ProviderRefund]
) -> None:
    held: dict[str, int] = {}
    for charge in charges.values():
        if charge.status == "succeeded":
            held[charge.currency] = held.get(charge.currency, 0) + charge.amount
    for refund in refunds.values():
        if refund.status == "succeeded":
            held[refund.currency] = held.get(refund.currency, 0) - refund.amount
    totals = account_totals()
    ours = {currency: amount for (name, currency), amount in totals.items() if name == accounts.CARD_PROVIDER}
    for currency in sorted(set(held) | set(ours)):
        if held.get(currency, 0) != ours.get(currency, 0):
            report.problems.append(
                f"{currency}: the provider holds {held.get(currency, 0)} for us, the ledger says"
                f" {ours.get(currency, 0)}"
            )
