"""Every address of money, catalogue and services, with every kind of person at the door.

With the tables of `test_foundation_walls.py` and `test_rest_certificates.py` that is the whole API;
`test_all_walls.py` sees to it.
"""

from typing import Any

import pytest
from django.db import transaction

from tests.apps.policies.conftest import policy_text
from tests.faces.rest.things import BEHAVES, DRAFT, DV, RULES, TABLE, UNTIL, at, filled, ids
from tests.fixtures_authority import published
from tests.people import Person, Rest
from tests.shop import *  # noqa: F403 - its fixtures

pytestmark = pytest.mark.django_db
__all__ = ["at", "ids", "published"]  # fixtures

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
RESET = {"confirmation": "{reset}", "confirm_deletes_all_data": True}
ENABLE = {"operation": "enable", "enable": {"subject": {"common_name": "Root"}}}
REVOKE_CA = {"reason": "keyCompromise", "confirmation": "{revocation}"}
SITE = {"domain": "www.shop.test", "behaviour": BEHAVES}
OTHER = policy_text("other")

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
    ("get", "/private-cas/{pca}/chain", None, OWN),
    ("get", "/private-cas/{pca}/statistics", None, OWN),
    ("get", "/private-cas/{pca}/status", None, OWN),
    ("get", "/private-cas/{pca}/chains", None, OWN),
    ("get", "/private-cas/{pca}/generations", None, OWN),
    ("post", "/private-cas/{pca}/renew", {"new_key": True}, CHANGE),
    ("post", "/private-cas/{pca}/renew-subscription", {}, (401, 409, 409, 403, 404, 403, 403, 403)),
    ("post", "/private-cas/{pca}/cross-signs", {"by": "{root2}"}, MAKE),
    ("post", "/private-cas/{pca}/revocation/prepare", {}, CHANGE),
    ("post", "/private-cas/{pca}/revocation/confirm", REVOKE_CA, CHANGE),
    ("post", "/operator/private-cas/{pca}/revocation/prepare", {}, RUN),
    ("post", "/operator/private-cas/{pca}/revocation/confirm", REVOKE_CA, (401, 403, 403, 403, 403, 403, 403, 422)),
    ("post", "/private-cas/{apart}/outside", {"subject": {"common_name": "Ours"}}, CHANGE),
    ("get", "/private-cas/{waiting}/outside/request", None, OWN),
    ("post", "/private-cas/{waiting}/outside/renew", {"new_key": True}, (401, 409, 409, 403, 404, 403, 403, 403)),
    ("post", "/private-cas/{waiting}/outside/complete", {"chain": "x"}, (401, 422, 422, 403, 404, 403, 403, 403)),
    ("post", "/private-cas/{waiting}/outside/withdraw", None, CHANGE),
    ("post", "/private-cas/{ca}/enable", {"subject": {"common_name": "Root"}}, CHANGE),
    ("post", "/private-cas/{pca}/issuing", {"issuing": False}, CHANGE),
    ("post", "/private-cas/{pca}/reset/prepare", None, CHANGE),
    ("post", "/private-cas/{pca}/reset/confirm", RESET, CHANGE),
    ("post", "/private-cas/{pca}/certificates", {"template": "server", "names": {"dns": ["a.example"]}}, MAKE),
    ("get", "/account/two-persons", None, LISTED),
    ("post", "/account/two-persons", None, (401, 200, 403, 403, 409, 403, 403, 403)),
    ("post", "/account/two-persons/end", None, (401, 409, 403, 403, 409, 403, 403, 403)),
    ("post", "/private-cas/{ca}/ceremonies", ENABLE, MAKE),
    ("get", "/ceremonies", None, LISTED),
    ("get", "/ceremonies/{ceremony}", None, OWN),
    ("get", "/ceremonies/{ceremony}/transcript", None, OWN),
    ("post", "/ceremonies/{ceremony}/approve", None, CHANGE),
    ("post", "/ceremonies/{ceremony}/refuse", WHY, CHANGE),
    ("post", "/ceremonies/{mine}/withdraw", None, (401, 200, 403, 403, 404, 403, 403, 403)),
    ("get", "/operator/ceremonies", None, RUN),
    ("get", "/operator/ceremonies/{ceremony}", None, RUN),
    ("post", "/operator/ceremonies/{one_person}/approve", None, (401, 403, 403, 403, 403, 403, 403, 409)),
    ("get", "/private-certificates", None, LISTED),
    ("get", "/private-certificates.csv", None, LISTED),
    ("get", "/private-certificates/{pcert}", None, OWN),
    ("get", "/private-certificates/{pcert}/same-key", None, OWN),
    ("get", "/private-certificates/{pcert}/same-key/ssl", None, OWN),
    ("get", "/private-certificates/{pcert}/download", None, OWN),
    ("post", "/private-certificates/{pcert}/key", {"passphrase": "correct horse battery"}, CHANGE),
    ("post", "/private-certificates/{pcert}/renew", {}, MAKE),
    ("post", "/private-certificates/{pcert}/hold", None, CHANGE),
    ("post", "/private-certificates/{held}/release", None, CHANGE),
    ("post", "/private-certificates/{pcert}/revoke", {"reason": "superseded"}, CHANGE),
    ("post", "/private-cas/{pca}/batches/check", TABLE, CHANGE),
    ("post", "/private-cas/{pca}/batches", TABLE, MAKE),
    ("get", "/certificate-batches", None, LISTED),
    ("get", "/certificate-batches/{batch}", None, OWN),
    ("get", "/certificate-batches/{batch}/rows", None, OWN),
    ("get", "/certificate-batches/{batch}/result.csv", None, OWN),
    ("post", "/certificate-batches/{batch}/certificates.zip", {"passphrase": "correct horse battery"}, CHANGE),
    ("post", "/certificate-batches/{stopped}/cancel", None, CHANGE),
    ("post", "/certificate-batches/{stopped}/resume", None, CHANGE),
    ("get", "/certificate-templates", None, LISTED),
    ("post", "/certificate-templates", {"name": "new", "rules": RULES}, (401, 201, 201, 403, 201, 403, 403, 403)),
    ("get", "/certificate-templates/{template}", None, OWN),
    ("put", "/certificate-templates/{template}", {"rules": RULES}, CHANGE),
    ("delete", "/certificate-templates/{template}", None, (401, 204, 204, 403, 404, 403, 403, 403)),
    ("get", "/private-cas/{pca}/acme", None, OWN),
    ("get", "/private-cas/{pca}/acme/keys", None, OWN),
    ("post", "/private-cas/{pca}/acme/keys", {"name": "web"}, MAKE),
    ("get", "/private-cas/{pca}/acme/keys/{acme_key}", None, OWN),
    ("post", "/private-cas/{pca}/acme/keys/{acme_key}/revoke", None, CHANGE),
    ("get", "/private-cas/{pca}/acme/accounts", None, OWN),
    ("get", "/private-cas/{pca}/acme/accounts/{acme_account}", None, OWN),
    ("get", "/private-cas/{pca}/acme/accounts/{acme_account}/orders", None, OWN),
    ("post", "/private-cas/{pca}/acme/accounts/{acme_account}/revoke", None, CHANGE),
    ("post", "/private-cas/{pca}/acme/renewals", {"certificates": ["{pcert}"]}, CHANGE),
    ("get", "/gateways", None, LISTED),
    ("get", "/gateways/{gateway}", None, OWN),
    ("get", "/gateways/{gateway}/certificates?domain=www.shop.test", None, OWN),
    ("get", "/gateways/{served}/usage", None, OWN),
    ("get", "/gateways/{served}/paths", None, OWN),
    ("get", "/gateways/{served}/origins", None, OWN),
    ("get", "/gateways/{served}/purges", None, OWN),
    ("get", "/gateways/{served}/purges/{purge}", None, OWN),
    ("post", "/gateways/{served}/purges", {"address": "/a"}, MAKE),
    ("post", "/gateways/{served}/access-logs", None, MAKE),
    ("get", "/gateways/{served}/access-logs/{access_log}", None, OWN),
    ("get", "/gateways/{served}/access-logs/{access_log}/lines", None, OWN),
    ("post", "/gateways/{gateway}/domain", SITE, CHANGE),
    ("put", "/gateways/{served}/behaviour", {"behaviour": BEHAVES}, CHANGE),
    ("put", "/gateways/{served}/certificate", {"certificate": "{host_certificate}"}, CHANGE),
    ("put", "/gateways/{served}/certificate", {"automatic": {"source": "{pca}"}}, CHANGE),
    ("post", "/gateways/{served}/certificate/retry", None, CHANGE),
    ("post", "/gateways/{served}/look", None, CHANGE),
    ("post", "/gateways/{served}/purge", None, CHANGE),
    ("post", "/gateways/{served}/reset/prepare", None, CHANGE),
    ("post", "/gateways/{served}/reset/confirm", {"confirmation": "{gateway_reset}"}, CHANGE),
    ("get", "/operator/gateway-nodes", None, STAFF),
    ("post", "/operator/gateway-nodes/join-tokens", None, RUN_MADE),
    ("post", "/operator/gateway-nodes/{node}/retire", None, RUN),
    ("get", "/services", None, LISTED),
    ("get", "/services/{service}", None, OWN),
    ("post", "/services/{service}/use", None, CHANGE),
]  # fmt: skip


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
