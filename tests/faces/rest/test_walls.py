"""Every address of money, catalogue and services, with every kind of person at the door.

With the tables of `test_foundation_walls.py` and `test_rest_certificates.py` that is the whole API;
`test_all_walls.py` sees to it.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from hanaper import clock
from hanaper.apps.certificates.models import Certificate
from hanaper.apps.certificates.services import creating
from hanaper.apps.policies import services as policies
from hanaper.apps.refunds import services as refunds
from hanaper.apps.trials import services as trials
from hanaper.core.actor import StaffRole
from tests.apps.policies.conftest import policy_text
from tests.people import SETUP, Person, Rest, make_operator
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy, place

pytestmark = pytest.mark.django_db

DV = "hanaper-dv-single-1y"
UNTIL = "2099-01-01T00:00:00Z"
WHO = ("nobody", "owner", "colleague", "reader", "stranger", "reviewer", "finance", "administrator")
OWN = (401, 200, 200, 200, 404, 403, 403, 403)  # what is the account's: whoever may read
LISTED = (401, 200, 200, 200, 200, 403, 403, 403)  # everybody's own
CHANGE = (401, 200, 200, 403, 404, 403, 403, 403)  # whoever may write
MAKE = (401, 201, 201, 403, 404, 403, 403, 403)
STAFF = (401, 403, 403, 403, 403, 200, 200, 200)
ANYONE = (401, 200, 200, 200, 200, 200, 200, 200)
MONEY = (401, 403, 403, 403, 403, 403, 200, 200)
MONEY_MADE = (401, 403, 403, 403, 403, 403, 201, 201)
RUN = (401, 403, 403, 403, 403, 403, 403, 200)
RUN_MADE = (401, 403, 403, 403, 403, 403, 403, 201)

LINES = {"lines": [{"product": DV}], "currency": "USD"}
PRODUCT = {"code": "site-check", "name": "Site check", "kind": "site_check"}
VOUCHER = {"account": "{account}", "currency": "USD", "amount": 5, "expires_at": UNTIL, "reason": "because"}
COUPON = {"code": "TENTH", "percent": 10, "starts_at": "2026-01-01T00:00:00Z", "ends_at": UNTIL}
EVENT = {"name": "E", "percent": 1, "starts_at": UNTIL, "ends_at": "2099-02-01T00:00:00Z", "refundable": True,
         "refund_days": 3}  # fmt: skip
WHY = {"reason": "because"}
DRAFT, OTHER = policy_text("draft"), policy_text("other")

WALLS: list[tuple[str, str, Any, tuple[int, ...]]] = [
    ("get", "/products", None, ANYONE),
    ("get", "/products/{product}", None, ANYONE),
    ("get", "/promotions", None, ANYONE),
    ("get", "/vouchers", None, LISTED),
    ("get", "/vouchers/{voucher}", None, OWN),
    ("get", "/operator/products", None, RUN),
    ("post", "/operator/products", PRODUCT, RUN_MADE),
    ("patch", "/operator/products/{product}", {"name": "N"}, RUN),
    ("get", "/operator/products/{product}/prices", None, RUN),
    ("post", "/operator/products/{product}/prices", {"currency": "USD", "amount": 5}, RUN_MADE),
    ("get", "/operator/vouchers", None, MONEY),
    ("post", "/operator/vouchers", VOUCHER, MONEY_MADE),
    ("post", "/operator/vouchers/{voucher}/withdraw", None, MONEY),
    ("get", "/operator/coupons", None, RUN),
    ("post", "/operator/coupons", COUPON, RUN_MADE),
    ("post", "/operator/coupons/{coupon}/withdraw", None, RUN),
    ("get", "/operator/promotions", None, RUN),
    ("post", "/operator/promotions", EVENT, RUN_MADE),
    ("post", "/operator/promotions/{promotion}/withdraw", None, RUN),
    ("post", "/quotes", LINES, LISTED),
    ("post", "/orders", LINES, (401, 201, 201, 403, 201, 403, 403, 403)),
    ("get", "/orders", None, LISTED),
    ("get", "/orders/{order}", None, OWN),
    ("post", "/orders/{unpaid}/pay", {"means": [{"means": "balance"}]}, (401, 409, 409, 403, 404, 403, 403, 403)),
    ("post", "/orders/{unpaid}/cancel", None, CHANGE),
    ("get", "/orders/{order}/receipt", None, OWN),
    ("get", "/operator/orders", None, STAFF),
    ("get", "/operator/orders/{order}", None, STAFF),
    ("get", "/policies", None, ANYONE),
    ("get", "/policies/2024-10-25", None, ANYONE),
    ("get", "/policies/{draft}", None, (401, 404, 404, 404, 404, 404, 404, 404)),
    ("get", "/operator/policies/{draft}/differences", None, STAFF),
    ("get", "/operator/policy-drafts", None, STAFF),
    ("post", "/operator/policy-drafts", {"text": OTHER}, RUN_MADE),
    ("get", "/operator/policy-drafts/{draft}", None, STAFF),
    ("put", "/operator/policy-drafts/{draft}", {"text": DRAFT}, RUN),
    ("delete", "/operator/policy-drafts/{draft}", None, (401, 403, 403, 403, 403, 403, 403, 204)),
    ("get", "/operator/policy-trials", None, STAFF),
    ("post", "/operator/policy-trials", {"policy": "{draft}"}, (401, 403, 403, 403, 403, 403, 403, 409)),
    ("get", "/operator/policy-trials/{trial}", None, STAFF),
    ("get", "/operator/policy-trials/{trial}/findings", None, STAFF),
    ("post", "/operator/policy-trials/{trial}/cancel", None, RUN),
    ("delete", "/operator/policy-trials/{trial}", None, (401, 403, 403, 403, 403, 403, 403, 409)),
    ("get", "/operator/published-policies", None, STAFF),
    ("post", "/operator/published-policies", {"name": "2026-03-18"}, RUN_MADE),
    ("get", "/balances", None, LISTED),
    ("get", "/statement?currency=USD", None, LISTED),
    ("get", "/statement.csv?currency=USD", None, LISTED),
    ("post", "/operator/accounts/{account}/credits", {"amount": 5, "currency": "USD", **WHY}, MONEY_MADE),
    ("get", "/orders/{order}/refund-decision", None, (401, 200, 200, 200, 404, 200, 200, 200)),
    ("post", "/orders/{order}/refunds", None, MAKE),
    ("get", "/refunds", None, LISTED),
    ("get", "/refunds/{refund}", None, OWN),
    ("post", "/orders/{used}/refund-plan", None, MAKE),
    ("get", "/refund-plans", None, LISTED),
    ("get", "/refund-plans/{plan}", None, OWN),
    ("post", "/refund-plans/{plan}/confirm", {"token": "{token}", "accept": True}, CHANGE),
    ("post", "/refund-plans/{plan}/resume", None, (401, 409, 409, 403, 404, 403, 403, 403)),
    ("post", "/refund-plans/{plan}/cancel", None, CHANGE),
    ("get", "/operator/refunds", None, STAFF),
    ("get", "/operator/refunds/{refund}", None, STAFF),
    ("get", "/operator/refunds/{refund}/replay", None, STAFF),
    ("post", "/operator/orders/{order}/refunds", WHY, MONEY_MADE),
    ("post", "/operator/refunds/{proposed}/approve", None, MONEY),
    ("post", "/operator/refunds/{proposed}/decline", WHY, MONEY),
    ("post", "/operator/refunds/{refund}/give-up", WHY, MONEY),
    ("get", "/private-cas", None, LISTED),
    ("get", "/private-cas/{ca}", None, OWN),
    ("get", "/gateways", None, LISTED),
    ("get", "/gateways/{gateway}", None, OWN),
    ("get", "/services", None, LISTED),
    ("get", "/services/{service}", None, OWN),
    ("post", "/services/{service}/use", None, CHANGE),
]  # fmt: skip


@pytest.fixture
def at() -> datetime:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def ids(
    owner: Person, at: datetime, catalogue: None, make_voucher: Any, make_coupon: Any, make_promotion: Any
) -> dict[str, str]:
    """What the owner's account has, and the operators' things."""
    assert owner.account is not None
    used = buy(owner, DV, at=at)
    creating.create(owner.actor, creating.line_of(used, None), at=at)
    plan = refunds.prepare_plan(owner.actor, used, at=at)
    other = make_operator("other@hanaper.example", StaffRole.FINANCE)
    things = (
        buy(owner, "private-root-ca", at=at),
        buy(owner, "https-gateway-1m", at=at),
        buy(owner, "domain-monitoring-12m", at=at),
    )
    return {
        "account": owner.account.public_id,
        "product": DV,
        "voucher": make_voucher().public_id,
        "coupon": make_coupon().public_id,
        "promotion": make_promotion().public_id,
        "order": buy(owner, DV, at=at).public_id,
        "unpaid": place(owner, DV, at=at).public_id,
        "used": used.public_id,
        "certificate": Certificate.objects.get().public_id,
        "plan": plan.public_id,
        "token": plan.token,
        "refund": refunds.request_refund(owner.actor, buy(owner, DV, at=at), at=at).public_id,
        "proposed": refunds.propose_refund(other.actor, buy(owner, DV, at=at), reason="r", at=at).public_id,
        "ca": owner.rest.get("/private-cas", {"order": things[0].public_id}).json()["items"][0]["id"],
        "gateway": owner.rest.get("/gateways").json()["items"][0]["id"],
        "service": owner.rest.get("/services").json()["items"][0]["id"],
        "draft": policies.write_draft(SETUP, text=DRAFT, at=at).name,
        "trial": trials.start_trial(SETUP, policy="draft", at=at).public_id,
    }


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [filled(item, ids) for item in value]
    if isinstance(value, dict):
        return {name: filled(item, ids) for name, item in value.items()}
    return value.format(**ids) if isinstance(value, str) else value


def test_walls(
    ids: dict[str, str], nobody: Rest, owner: Person, colleague: Person, reader: Person, stranger: Person,
    reviewer: Person, finance: Person, administrator: Person,
) -> None:  # fmt: skip
    doors = {"nobody": nobody} | {
        name: person.rest
        for name, person in zip(
            WHO[1:], (owner, colleague, reader, stranger, reviewer, finance, administrator), strict=True
        )
    }
    wrong = []
    for method, address, body, expected in WALLS:
        for name, status in zip(WHO, expected, strict=True):
            with transaction.atomic():
                send = getattr(doors[name], method)
                path = address.format(**ids)
                answer = send(path) if body is None else send(path, filled(body, ids))
                transaction.set_rollback(True)
            if answer.status_code != status:
                wrong.append((name, method, address, answer.status_code, status))
    assert wrong == []
