"""Private CAs as a tree, and until when the money of each can come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hanaper.apps.orders.terms import reset_window_closes_at, window_closes_at
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import queries
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.apps.refunds.services import decision_for
from hanaper.core.actor import Actor
from hanaper.core.private_ca.ca_names import is_found
from hanaper.core.refund.decision import Decision

MOST_BELOW = 25  # of one root on a page


@dataclass(frozen=True, slots=True)
class Node:
    """A CA in the tree. `fits`: the filters found it, rather than something below it; `until`: the end of its
    refund window, while one is open; `below_first`: those below it are reset before it (D7); `more`: others
    lie below it that are not shown."""

    ca: PrivateCA
    fits: bool
    until: datetime | None
    below: "tuple[Node, ...]" = ()
    more: bool = False
    below_first: bool = False

    @property
    def quota_left(self) -> int:
        return self.ca.quota - self.ca.quota_used

    @property
    def full(self) -> bool:
        return self.ca.quota > 0 and self.quota_left * 10 <= self.ca.quota


def trees(actor: Actor, tops: Sequence[PrivateCA], wanted: Mapping[str, str], at: datetime) -> list[Node]:
    """Each of `tops` with what lies below it and fits the filters."""
    asked = {name: wanted[name] for name in ("state", "region", "search")}
    below = queries.below_each(actor, tops, most=MOST_BELOW + 1, **asked)
    waiting = queries.waiting_for_those_below(tops)
    return [_node(one, below.get(one.pk, []), asked, at, one.pk in waiting) for one in tops]


def _node(
    ca: PrivateCA, below: Sequence[PrivateCA], asked: Mapping[str, str], at: datetime, below_first: bool
) -> Node:
    return Node(
        ca=ca,
        fits=_fits(ca, asked),
        until=open_until(ca, at),
        below=tuple(Node(one, True, open_until(one, at)) for one in below[:MOST_BELOW]),
        more=len(below) > MOST_BELOW,
        below_first=below_first,
    )


def _fits(ca: PrivateCA, asked: Mapping[str, str]) -> bool:
    search = asked["search"]
    return (
        (not asked["state"] or ca.state == asked["state"])
        and (not asked["region"] or ca.region == asked["region"])
        and (not search or is_found(ca.name, search) or search.strip() == ca.public_id)
    )


def open_until(ca: PrivateCA, at: datetime) -> datetime | None:
    """Until when its order's refund can be reached, from the order alone: of one in use, by a reset (R17)."""
    if ca.order.state != OrderState.PAID or came_with_its_root(ca):
        return None
    closes = {
        PrivateCaState.NOT_ENABLED: window_closes_at,
        PrivateCaState.ENABLED: reset_window_closes_at,
    }.get(PrivateCaState(ca.state))
    until = closes(ca.order) if closes else None
    return until if until is not None and until > at else None


def came_with_its_root(ca: PrivateCA) -> bool:
    """It and its root are one order, and are refunded together (SPEC section 6)."""
    return (
        ca.kind == PrivateCaKind.INTERMEDIATE and ca.parent is not None and ca.parent.order_id == ca.order_id
    )


def refund_outlook(ca: PrivateCA, at: datetime) -> Decision | None:
    """What its order's refund needs now; None for one that was never paid or is over."""
    if ca.order.state not in (OrderState.PAID, OrderState.REFUND_IN_PROGRESS):
        return None
    return decision_for(ca.order, at)[1]
