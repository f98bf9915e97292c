"""The verbs of payments, for whoever stands above."""

from hanaper.apps.payments.services.charging import pursue_charge
from hanaper.apps.payments.services.opening import (
    PartDraft,
    cancel_payment,
    money_due,
    open_payment,
    pay_nothing,
)
from hanaper.apps.payments.services.paying import MeansChoice, pay
from hanaper.apps.payments.services.receiving import adopt_external, handle_event, receive_webhook
from hanaper.apps.payments.services.refunding import pursue_return
from hanaper.apps.payments.services.returning import reserve_returns, void_returns

__all__ = [
    "MeansChoice",
    "PartDraft",
    "adopt_external",
    "cancel_payment",
    "handle_event",
    "money_due",
    "open_payment",
    "pay",
    "pay_nothing",
    "pursue_charge",
    "pursue_return",
    "receive_webhook",
    "reserve_returns",
    "void_returns",
]
