"""What the customer sees before paying: the price in every share, and the refund terms that will hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.quotes import LineDraft, Quote, quote
from hanaper.apps.orders import terms
from hanaper.apps.policies.queries import policy_in_force
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """A quote of the catalogue, and what an order placed now would be pinned to."""

    catalogue: Quote
    policy: str
    zone: str
    promotion: dict[str, Any] | None
    refund_terms: terms.RefundTerms
    expires_at: datetime  # of an order placed now, if it is not paid


def quote_for(
    actor: Actor,
    *,
    account: Account,
    lines: Sequence[LineDraft],
    currency: str,
    voucher_ids: Sequence[str] = (),
    coupon_code: str = "",
    promotion_id: str = "",
    at: datetime,
) -> OrderQuote:
    """What an order placed at `at` would cost and be pinned to; nothing is written."""
    _refuse_another_account(actor, account)
    quoted = quote(
        account.pk,
        lines=lines,
        currency=currency,
        voucher_ids=voucher_ids,
        coupon_code=coupon_code,
        promotion_id=promotion_id,
        at=at,
    )
    policy = policy_in_force(at)
    promotion = terms.promotion_terms(quoted.promotion)
    return OrderQuote(
        catalogue=quoted,
        policy=policy,
        zone=settings.ZONE,
        promotion=promotion,
        refund_terms=terms.terms_under(policy, promotion),
        expires_at=at + timedelta(hours=settings.UNPAID_ORDER_HOURS),
    )


def _refuse_another_account(actor: Actor, account: Account) -> None:
    """Customers buy for their own account; the service itself may renew; operators do not buy."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind is not ActorKind.CUSTOMER:
        raise Forbidden("Only customers order.", code="customer_key_required")
    if actor.account_id != account.pk:
        raise NotFound(f"There is no account {account.public_id!r}.", code="account_not_found")
