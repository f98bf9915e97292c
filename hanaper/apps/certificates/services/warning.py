"""The warning before an irreversible step, and the token that confirms it was read (R12, D12).

`prepare` tells what will happen and what it means for a refund of each order concerned; its token confirms
exactly that. When what was told is no longer so, the token is refused and the new warning must be read.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing

from hanaper.apps.certificates.evidence import certificates_evidence
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.claims import orders_of
from hanaper.apps.orders.evidence import order_facts
from hanaper.apps.orders.models import Order
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.actor import Actor
from hanaper.core.calendar import local_date, zone_named
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.refund import (
    Decision,
    Facts,
    Verdict,
    decide,
    no_earlier,
    read_facts,
)
from hanaper.core.refund.canonical import write_moment

TEXT = (
    "This cannot be undone: a revoked certificate cannot be restored. If its refund period has elapsed, you"
    " cannot request a refund. To keep your business running as expected, we recommend that you do not revoke"
    " a certificate unless required."
)
CANCEL_TEXT = (
    "This cannot be undone: the certificate leaves the list for good and its year is not delivered. No quota"
    " comes back for it."
)
CAUSE_TEXT = (
    "This cannot be undone: every X.509 certificate of this service year that is still valid is revoked at"
    " once, without a review, and what uses them stops working."
)
COMBINE_TEXT = (
    "This cannot be undone: combining into a several-wildcard or hybrid certificate ends the right to a"
    " refund of every order that gave quota to it, also if the combined certificate is cancelled later."
)
TOKEN_SECONDS = 3600  # system time
_SALT = "hanaper.certificates.confirmation"


@dataclass(frozen=True, slots=True)
class RefundOutlook:
    """What an irreversible step means for the refund of one order, before it is taken (D12).

    `revoke_by`: the last day on which a request is sure to be reviewed in time; `passed`: whether that day
    has passed; both None where no refund is possible anyhow. `zone`: of the order, in which days are counted.
    """

    order: str
    refundable: bool
    closes_at: datetime | None
    revoke_by: date | None
    passed: bool | None
    reasons: tuple[tuple[str, str], ...]
    zone: str

    def to_json(self) -> dict[str, Any]:
        return {
            "order": self.order,
            "refundable": self.refundable,
            "closes_at": None if self.closes_at is None else write_moment(self.closes_at),
            "revoke_by": None if self.revoke_by is None else self.revoke_by.isoformat(),
            "revoke_by_passed": self.passed,
            "reasons": [{"clause": clause, "text": text} for clause, text in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Warning:
    """What the customer confirms. `token` is good for an hour, for this actor's account and this step."""

    action: str
    text: str
    outlooks: tuple[RefundOutlook, ...]
    token: str


def outlook(order: Order, at: datetime, *, combined: bool = False) -> RefundOutlook:
    """The refund decision on the order, in the parts that a warning shows: as it stands, or as it would be
    once its quota is combined away (R9).
    """
    decision = decision_for(order, at, combined=combined)
    today = local_date(at, zone_named(order.zone))
    return RefundOutlook(
        order.public_id,
        decision.verdict is not Verdict.REFUSED,
        decision.closes_at,
        decision.revoke_by,
        None if decision.revoke_by is None else today > decision.revoke_by,
        tuple((reason.clause, reason.text) for reason in decision.reasons),
        order.zone,
    )


def facts_for(order: Order, at: datetime, *, combined: bool = False) -> Facts:
    """The order's own facts and those of its certificates; `combined`: as if D4 held of it already."""
    facts = order_facts(order)
    if combined:
        facts = {**facts, "combined": True}
    return read_facts({"order": facts, **certificates_evidence([order], at)[order.pk]}, POLICIES)


def decision_for(order: Order, at: datetime, *, combined: bool = False) -> Decision:
    """The refund decision on the order as it stands, or as it would be once combined."""
    facts = facts_for(order, at, combined=combined)
    return decide(facts, POLICIES[facts.order.policy], no_earlier(facts, at))


def warn(
    actor: Actor,
    certificates: list[Certificate],
    action: str,
    text: str,
    at: datetime,
    *,
    bars_refund: bool = False,
    **also: Any,
) -> Warning:
    """The warning of `action` on these certificates; reads only. `bars_refund`: it ends the right to one."""
    orders = _orders(certificates)
    outlooks = tuple(outlook(order, at, combined=bars_refund) for order in orders)
    told = _told(certificates, action, outlooks, also)
    token = signing.dumps({"a": actor.account_id, "t": told}, salt=_SALT)
    return Warning(action, text, outlooks, token)


def require_confirmation(
    actor: Actor,
    certificates: list[Certificate],
    action: str,
    token: str,
    at: datetime,
    *,
    bars_refund: bool = False,
    **also: Any,
) -> None:
    """Refuse unless `token` confirms this very warning as it would read now.

    Refused: `confirmation_invalid`, `confirmation_expired`, `warning_changed`.
    """
    try:
        said = signing.loads(token, salt=_SALT, max_age=TOKEN_SECONDS)
    except signing.SignatureExpired:
        raise Refusal(
            "The confirmation is older than an hour.",
            code="confirmation_expired",
            clause="R12",
            next_steps=["Read the warning again (prepare), then confirm it."],
        ) from None
    except signing.BadSignature:
        raise InvalidInput(
            "This is not a confirmation that was given out.",
            field="confirmation",
            code="confirmation_invalid",
            clause="R12",
            next_steps=["Read the warning first (prepare), then confirm it."],
        ) from None
    outlooks = tuple(outlook(order, at, combined=bars_refund) for order in _orders(certificates))
    if said != {"a": actor.account_id, "t": _told(certificates, action, outlooks, also)}:
        raise Refusal(
            "What this would do has changed since the warning was read, or the confirmation is for something"
            " else.",
            code="warning_changed",
            clause="R12",
            next_steps=["Read the warning again (prepare), then confirm it."],
        )


def _orders(certificates: list[Certificate]) -> list[Order]:
    pks = sorted({pk for certificate in certificates for pk in orders_of(certificate)})
    return list(Order.objects.filter(pk__in=pks).order_by("pk"))


def _told(
    certificates: list[Certificate],
    action: str,
    outlooks: tuple[RefundOutlook, ...],
    also: dict[str, Any],
) -> str:
    """A digest of everything that the customer relied on."""
    told = {
        "action": action,
        "certificates": [[one.public_id, one.state] for one in certificates],
        # Not the reasons: their words may differ by a day's date without meaning anything else.
        "orders": [
            [each.order, each.refundable, str(each.closes_at), str(each.revoke_by), each.passed]
            for each in outlooks
        ],
        **also,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
