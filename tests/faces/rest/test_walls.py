"""Every address of money, catalogue and services, with every kind of person at the door.

With the tables of `test_foundation_walls.py` and `test_rest_certificates.py` that is the whole API;
`test_all_walls.py` sees to it.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from hanaper import clock
from hanaper.apps.acme.models import AcmeAccount
from hanaper.apps.acme.services import create_key
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import creating
from hanaper.apps.gateway import services as gateway
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.apps.policies import services as policies
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import TwoPersonRule
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.services.deeds import enabling
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import BatchState, Operation
from hanaper.apps.private_ca.templates import make_template
from hanaper.apps.refunds import services as refunds
from hanaper.apps.trials import services as trials
from hanaper.core.actor import AccountRole, StaffRole
from hanaper.core.x509.names import Subject
from tests.apps.policies.conftest import policy_text
from tests.fixtures_authority import published
from tests.people import SETUP, Person, Rest, make_member, make_operator
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy, place

pytestmark = pytest.mark.django_db
__all__ = ["published"]  # a fixture

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
RESET = {"confirmation": "{reset}", "confirm_deletes_all_data": True}
ENABLE = {"operation": "enable", "enable": {"subject": {"common_name": "Root"}}}
REVOKE_CA = {"reason": "keyCompromise", "confirmation": "{revocation}"}
BEHAVES = {"origins": [{"host": "127.0.0.1"}]}
SITE = {"domain": "www.shop.test", "behaviour": BEHAVES}
RULES = {"title": "Team", "uses": ["clientAuth"], "subject": {"common_name": "free"}}
TABLE = {"csv": "dns\na.example\n", "template": "server"}
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


@pytest.fixture
def at() -> datetime:
    """The API reads the clock: what it finds must have happened before."""
    return clock.now() - timedelta(minutes=1)


@pytest.fixture
def ids(
    owner: Person,
    at: datetime,
    catalogue: None,
    make_voucher: Any,
    make_coupon: Any,
    make_promotion: Any,
    published: Path,
) -> dict[str, str]:
    """What the owner's account has, and the operators' things."""
    assert owner.account is not None
    used = buy(owner, DV, at=at)
    creating.create(owner.actor, creating.line_of(used, None), at=at)
    plan = refunds.prepare_plan(owner.actor, used, at=at)
    other = make_operator("other@hanaper.example", StaffRole.FINANCE)
    working = private_ca_of(owner, buy(owner, "private-root-ca", at=at), at)
    issued, held = (
        private_ca.issue(owner.actor, working, private_ca.Request("server", names={"dns": ["db"]}), at=at)
        for _ in range(2)
    )
    private_ca.hold(owner.actor, held, at=at)
    batch = private_ca.start_batch(owner.actor, working, TABLE["csv"], template="server", at=at)
    private_ca.pursue_batch(batch.pk, at, at)
    stopped = private_ca.start_batch(owner.actor, working, TABLE["csv"], template="server", at=at)
    CertificateBatch.objects.filter(pk=stopped.pk).update(state=BatchState.STOPPED)
    another = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    private_ca.enable_ca(owner.actor, another, CaSettings(Subject(common_name="Another root")), at=at)
    apart, waiting = (
        PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at)) for _ in range(2)
    )
    private_ca.begin_outside(owner.actor, waiting, CaSettings(Subject(common_name="Ours")), at=at)
    make_template(owner.actor, owner.account, name="team", rules=RULES, at=at)
    bound = acme_account_of(owner, working, at)
    for_host = private_ca.Request("server", names={"dns": ["www.shop.test"]})
    host_certificate = private_ca.issue(owner.actor, working, for_host, at=at).public_id
    served = gateway.add_domain(
        owner.actor,
        GatewayInstance.objects.get(order=buy(owner, "https-gateway-1m", at=at)),
        domain="www.shop.test",
        behaviour=BEHAVES,
        at=at,
    )
    CertificateWish.objects.create(
        account=owner.account,
        instance=served,
        state="failed",
        source="quota",
        shown_by="gateway",
        asked_at=at,
    )
    now = clock.system_now()
    purge = gateway.purge_address(owner.actor, served, "/a", at=at, system_at=now)
    log = gateway.ask_for_log(owner.actor, served, at=at, system_at=now)
    join = gateway.make_join_token(SETUP, at=at, system_at=now)
    node, _ = gateway.join(join, "edge", at=at, system_at=now)
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
        "ca": PrivateCA.objects.get(order=things[0], kind="root").public_id,
        "pca": working.public_id,
        "pcert": issued.public_id,
        "held": held.public_id,
        "batch": batch.public_id,
        "stopped": stopped.public_id,
        "acme_key": bound.key.public_id,
        "acme_account": bound.public_id,
        "template": "team",
        **ceremonies_of(owner, at),
        "revocation": private_ca.prepare_revocation(owner.actor, working).token,
        "root2": another.public_id,
        "apart": apart.public_id,
        "waiting": waiting.public_id,
        "reset": private_ca.prepare_reset(owner.actor, working).token,
        "gateway": GatewayInstance.objects.get(order=things[1]).public_id,
        "served": served.public_id,
        "host_certificate": host_certificate,
        "gateway_reset": gateway.prepare_reset(owner.actor, served).token,
        "purge": purge.public_id,
        "access_log": log.public_id,
        "node": node.public_id,
        "service": owner.rest.get("/services").json()["items"][0]["id"],
        "draft": policies.write_draft(SETUP, text=DRAFT, at=at).name,
        "trial": trials.start_trial(SETUP, policy="draft", at=at).public_id,
    }


def private_ca_of(owner: Person, order: Order, at: datetime) -> PrivateCA:
    """The intermediate of an order of a root, both enabled."""
    for ca in PrivateCA.objects.filter(order=order).order_by("pk"):
        made = private_ca.enable_ca(
            owner.actor, ca, CaSettings(subject=Subject(common_name=f"Example {ca.kind}")), at=at
        )
    return made


def acme_account_of(owner: Person, ca: PrivateCA, at: datetime) -> AcmeAccount:
    key, _ = create_key(owner.actor, ca, at=at)
    return AcmeAccount.objects.create(
        account=owner.account, ca=ca, template="server", key=key, binding={}, jwk={}, thumbprint="t", created_at=at
    )  # fmt: skip


def ceremonies_of(owner: Person, at: datetime) -> dict[str, str]:
    """Proposed by another member, and by the owner."""
    assert owner.account is not None
    other = make_member(owner.account, "other@example.com", AccountRole.OWNER)
    given = enabling(CaSettings(subject=Subject(common_name="Root")), None)

    def proposed(person: Person, operation: Operation, **what: Any) -> str:
        ca = None
        if operation is Operation.ENABLE:
            ca = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
        made = ceremonies.propose(person.actor, owner.account, operation, ca, what, at=at)  # type: ignore[arg-type]
        return str(made.public_id)

    private_ca.switch_on(owner.actor, owner.account, at=at)
    found = {
        "ceremony": proposed(other, Operation.ENABLE, **given),
        "mine": proposed(owner, Operation.ENABLE, **given),
        "one_person": proposed(owner, Operation.ONE_PERSON),
    }
    TwoPersonRule.objects.all().delete()  # or nothing else here could be enabled
    return found


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
