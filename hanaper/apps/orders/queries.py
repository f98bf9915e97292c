"""Reading orders, within the wall of the account; a list costs the same queries however long it is."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from django.db.models import Prefetch, Q, QuerySet, Sum

from hanaper.apps.accounts.models import Account
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.payments.models import PaymentPart
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import Forbidden
from hanaper.storage.walls import ScopedQuerySet

_LINES = Prefetch("lines", queryset=OrderLine.objects.order_by("position").select_related("product"))


def orders(
    actor: Actor,
    *,
    state: str = "",
    product: str = "",
    origin: str = "",
    placed_after: datetime | None = None,
    placed_before: datetime | None = None,
) -> ScopedQuerySet[Order]:
    """The orders that `actor` may see, with lines and payment parts, by every filter given."""
    found = Order.objects.visible_to(actor)
    wanted = {
        "state": state,
        "product_kind": product,
        "origin": origin,
        "placed_at__gte": placed_after,
        "placed_at__lt": placed_before,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    return whole(found)


def whole(found: ScopedQuerySet[Order]) -> ScopedQuerySet[Order]:
    """The same orders with everything that a face or a decision reads of them."""
    return found.select_related("account", "payment").prefetch_related(_LINES, "payment__parts")


def order(actor: Actor, public_id: str) -> Order:
    return whole(Order.objects.all()).get_visible(actor, public_id, what="order")


def search_orders(
    actor: Actor,
    *,
    search: str = "",
    account: str = "",
    state: str = "",
    product: str = "",
    placed_after: datetime | None = None,
    placed_before: datetime | None = None,
) -> ScopedQuerySet[Order]:
    """For operators, across accounts: `search` is an order's or account's id, or how an e-mail begins."""
    if actor.kind is not ActorKind.OPERATOR:
        raise Forbidden("Only operators may do this.", code="staff_role_required")
    found = orders(
        actor, state=state, product=product, placed_after=placed_after, placed_before=placed_before
    )
    if account:
        found = found.filter(account__public_id=account)
    if search:
        # The accounts first: a join with the members would give an order once for each of them.
        members = Q(account__in=Account.objects.filter(memberships__user__email__istartswith=search))
        found = found.filter(Q(public_id=search) | Q(account__public_id=search) | members)
    return found


COUNTED = 2000  # orders that a chart looks at: a page costs the same however many there are


def paid_by_month(actor: Actor, begin: date, end: date) -> dict[tuple[str, str], int]:
    """What was paid in money for the orders of each month (`2026-03`) and not given back, by currency: of the
    newest in between.
    """
    rows = Order.objects.visible_to(actor).filter(
        placed_at__gte=_midnight(begin), placed_at__lt=_midnight(end), paid_at__isnull=False
    )
    columns = ("payment", "currency", "money", "placed_at", "refunded_at")
    newest = list(rows.order_by("-placed_at", "-pk").values_list(*columns)[:COUNTED])
    given_back = _given_back(payment for payment, *_, refunded_at in newest if refunded_at is not None)
    found: dict[tuple[str, str], int] = {}
    for payment, currency, money, placed_at, _refunded_at in newest:
        key = (currency, placed_at.strftime("%Y-%m"))
        found[key] = found.get(key, 0) + money - given_back.get(payment, 0)
    return found


def _given_back(payments: Iterable[int]) -> dict[int, int]:
    parts = PaymentPart.objects.filter(payment__in=list(payments), refunded__gt=0)
    sums = parts.values("payment").annotate(sum=Sum("refunded")).order_by()
    return dict(sums.values_list("payment", "sum"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def line(actor: Actor, public_id: str) -> OrderLine:
    rows = OrderLine.objects.select_related("order", "product")
    return rows.get_visible(actor, public_id, what="order line")


def lines_with_quota(actor: Actor, *, product: str = "", newest: int = 0) -> QuerySet[OrderLine]:
    """The lines that still give certificates, the oldest order first; of the `newest` paid orders only, if so
    many are given."""
    found = OrderLine.objects.filter(quota_available__gt=0)
    if newest:
        paid = Order.objects.visible_to(actor).filter(state=OrderState.PAID).order_by("-placed_at", "-pk")
        # Read first: a subquery would let the planner begin with every order of the account.
        found = found.filter(order__in=list(paid.values_list("pk", flat=True)[:newest]))
    else:
        found = found.visible_to(actor).filter(order__state=OrderState.PAID)
    if product:
        found = found.filter(product__code=product)
    return found.select_related("order", "product").order_by("order__paid_at", "pk")
