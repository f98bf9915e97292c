"""What the addresses of the walls name: one of everything, in one account."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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
from tests.people import SETUP, Person, make_member, make_operator
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy, place

DRAFT = policy_text("draft")
TABLE = {"csv": "dns\na.example\n", "template": "server"}
DV = "hanaper-dv-single-1y"
UNTIL = "2099-01-01T00:00:00Z"
BEHAVES = {"origins": [{"host": "127.0.0.1"}]}
RULES = {"title": "Team", "uses": ["clientAuth"], "subject": {"common_name": "free"}}


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
        "gateway_reset": gateway.prepare_reset(owner.actor, served, at=at).token,
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
