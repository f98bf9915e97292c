"""What moves money: a closed list."""

from enum import StrEnum


class TransferKind(StrEnum):
    """Each says between which accounts it moves (debit from credit), and what it tells of."""

    # Balances
    CREDIT = "balance.credit"  # customer gets: treasury/credits -> customer
    LATE_PAYMENT = "balance.late_payment"  # paid for an order that had ended: sales -> customer

    # Paying
    HOLD = "payment.hold"  # customer -> payments/held
    HOLD_POSTED = "payment.hold_posted"  # payments/held -> sales; resolves a hold
    HOLD_RELEASED = "payment.hold_released"  # payments/held -> customer; resolves a hold
    CARD_CAPTURED = "payment.card_captured"  # provider/card -> sales
    VOUCHER_SPENT = "payment.voucher_spent"  # promotion/vouchers -> sales
    COUPON_USED = "payment.coupon_used"  # promotion/coupons -> sales

    # Refunding (R3, R4)
    REFUND_RESERVED = "refund.reserved"  # sales -> refunds/reserved
    REFUND_VOIDED = "refund.voided"  # refunds/reserved -> sales; resolves a reservation
    REFUND_TO_CARD = "refund.to_card"  # refunds/reserved -> provider/card; resolves a reservation
    REFUND_TO_BALANCE = "refund.to_balance"  # refunds/reserved -> customer; resolves a reservation
    REFUND_BOUNCED = "refund.bounced"  # failed after having succeeded: provider/card -> customer
    BOUNCE_UNDONE = "refund.bounce_undone"  # arrived after all: customer or receivable -> provider/card
    EXTERNAL_REFUND = "refund.external"  # made at the provider, not by us: provider/external-refunds
