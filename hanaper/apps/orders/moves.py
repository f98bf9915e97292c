"""The one way in which an order's state changes: claimed by a conditional update that must count one row."""

from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import LABELS, MOVES, OrderState
from hanaper.core.errors import Refusal


def move(order: Order, to: OrderState, **columns: object) -> None:
    """Take the order from where it is to `to`, writing `columns` too; `order` then says so.

    Refused with `order_state` if the table of moves has no such move, or somebody else was faster.
    """
    state = OrderState(order.state)
    legal = to in MOVES[state]
    if not legal or Order.objects.filter(pk=order.pk, state=state).update(state=to, **columns) != 1:
        raise Refusal(
            f"The order {order.public_id} is {LABELS[state].lower()}: it cannot become {LABELS[to].lower()}.",
            code="order_state",
            details={"order": order.public_id, "state": state.value},
        )
    order.refresh_from_db()
