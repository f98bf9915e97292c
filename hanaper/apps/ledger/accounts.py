"""The accounts of the ledger, all named here.

A transfer moves an amount from the account it credits to the account it debits. Read by what each holds:
what we own or spent stands in debit, what we owe or earned in credit.
"""

from hanaper.apps.accounts.models import Account

# Ours, in debit
CARD_PROVIDER = "provider/card"  # captured by the card provider for us and not yet given back
VOUCHERS = "promotion/vouchers"  # what vouchers covered: given away, never money (R3)
COUPONS = "promotion/coupons"
CREDITS = "treasury/credits"  # what operators put on customers' balances
RECEIVABLE = "receivable/returned-twice"  # a customer was paid twice by the provider's doing, and owes it
EXTERNAL_REFUNDS = "provider/external-refunds"  # given back at the provider behind our back, to be settled

# Ours, in credit
SALES = "sales"
REFUNDS_RESERVED = "refunds/reserved"  # asked for, not yet back with the customer
PAYMENTS_HELD = "payments/held"  # taken from a balance for a payment that is under way

OURS = frozenset(
    {
        CARD_PROVIDER,
        VOUCHERS,
        COUPONS,
        CREDITS,
        RECEIVABLE,
        EXTERNAL_REFUNDS,
        SALES,
        REFUNDS_RESERVED,
        PAYMENTS_HELD,
    }
)

_CUSTOMER = "customer/"


def customer(account: Account) -> str:
    """What we owe a customer: their balance with the service, in credit."""
    return _CUSTOMER + account.public_id


def customer_id(name: str) -> str | None:
    """The public id of the account whose balance `name` is, None for an account of ours."""
    return name.removeprefix(_CUSTOMER) if name.startswith(_CUSTOMER) else None
