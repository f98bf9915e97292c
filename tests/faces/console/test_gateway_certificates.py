"""A certificate that comes by itself, in the console: what is taken is said before, its state, and trying again."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.certificates.services import people
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.private_ca import services as private_ca
from hanaper.apps.private_ca.models.cas import PrivateCA
from tests.apps.private_ca.conftest import enable
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import DOMAIN, Issued, page, text
from tests.fixtures_authority import published  # noqa: F401 - a fixture
from tests.people import Person
from tests.shop import SINGLE, buy

pytestmark = pytest.mark.django_db
SITE = {"domain": DOMAIN, "scheme": "http", "host": "127.0.0.1", "port": "8080", "weight": "1"}
BY_ITSELF = {**SITE, "certificate": "automatic:quota", "shown_by": "gateway", "renews": "on"}


@pytest.fixture
def contact(owner: Person, at: datetime) -> str:
    fields = {"name": "Ada", "email": "ada@example.com"}
    return people.create_contact(owner.actor, owner.account, fields=fields, at=at).public_id


@pytest.fixture
def wished(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, contact: str, at: datetime
) -> CertificateWish:  # fmt: skip
    issued.pairs.clear()
    buy(owner, SINGLE, at=at)
    address = page(owner, "add-gateway-domain", gateway.public_id)
    assert client.post(address, {**BY_ITSELF, "contact": contact}).status_code == 302
    return CertificateWish.objects.get()


def test_without_quota_it_says_where_to_buy(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, contact: str
) -> None:
    address = page(owner, "add-gateway-domain", gateway.public_id)
    shown = text(client.get(address, {"domain": DOMAIN}))
    assert "none is left that fits" in shown and "?kind=ssl_certificate" in shown
    answer = client.post(address, BY_ITSELF)
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"certificate"}
    assert not CertificateWish.objects.exists()


def test_what_is_taken_is_said_before(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, contact: str, at: datetime
) -> None:  # fmt: skip
    order = buy(owner, SINGLE, at=at)
    shown = text(client.get(page(owner, "add-gateway-domain", gateway.public_id), {"domain": DOMAIN}))
    assert "One unit is taken and applied for" in shown and order.public_id in shown and "R10" in shown
    assert "ada@example.com" in shown and "A TXT record shows it" in shown


@pytest.mark.usefixtures("published")
def test_key_and_template_are_chosen(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, contact: str, at: datetime
) -> None:  # fmt: skip
    issued.pairs.clear()
    buy(owner, "private-root-ca", at=at)
    for ca in PrivateCA.objects.order_by("pk"):
        working = enable(owner, ca, at)
    address = page(owner, "add-gateway-domain", gateway.public_id)
    shown = text(client.get(address, {"domain": DOMAIN}))
    assert "RSA 2048" in shown and "Ed25519" not in shown
    assert ">device</option>" in shown and ">email</option>" not in shown
    wanted = {**SITE, "certificate": f"automatic:{working.public_id}", "renews": "on"}
    answer = client.post(address, {**wanted, "template": "client"})
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"template"}
    assert (
        client.post(address, {**wanted, "template": "device", "key_algorithm": "rsa-2048"}).status_code == 302
    )
    wish = CertificateWish.objects.get()
    assert (wish.template, wish.key_algorithm) == ("device", "rsa-2048")
    shown = text(client.get(page(owner, "gateway", gateway.public_id)))
    assert "<code>device</code>" in shown and "RSA 2048" in shown
    assert '<option value="rsa-2048" selected>' in shown and '<option value="device" selected>' in shown


def test_somebody_answers_for_it(
    owner: Person, client: Client, gateway: GatewayInstance, issued: Issued, name_server, at: datetime
) -> None:
    buy(owner, SINGLE, at=at)
    answer = client.post(page(owner, "add-gateway-domain", gateway.public_id), BY_ITSELF)
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"contact"}


def test_its_state_is_shown_live(
    owner: Person, client: Client, gateway: GatewayInstance, wished: CertificateWish, name_server, at: datetime
) -> None:  # fmt: skip
    assert (wished.source, wished.shown_by, wished.renews) == ("quota", "gateway", True)
    address = page(owner, "gateway", gateway.public_id)
    _pursue(wished)
    shown = text(client.get(address))
    assert "Nothing was taken yet" in shown and 'hx-trigger="every 3s"' in shown
    gateway.refresh_from_db()
    name_server.records[DOMAIN, "CNAME"] = [gateway.cname + "."]
    _pursue(wished)
    wished.refresh_from_db()
    shown = text(client.get(address))
    assert "Applied for" in shown and wished.certificate in shown
    assert "nothing is yours to do" in text(client.get(page(owner, "certificate", wished.certificate)))


def test_a_failure_says_why_and_is_tried_again(
    owner: Person, client: Client, gateway: GatewayInstance, wished: CertificateWish
) -> None:
    CertificateWish.objects.update(
        state="failed",
        code="no_quota",
        message="It was withdrawn.",
        next_steps=["Or choose one that is there."],
    )
    shown = text(client.get(page(owner, "gateway", gateway.public_id)))
    assert "It was withdrawn." in shown and "Or choose one that is there." in shown and "Buy one" in shown
    retry = page(owner, "retry-gateway-certificate", gateway.public_id)
    assert retry in shown
    client.post(retry)
    wished.refresh_from_db()
    assert wished.state == "wanted"
    assert client.post(retry).status_code == 409


def test_records_to_set_and_the_end_are_shown(
    owner: Person, client: Client, gateway: GatewayInstance, wished: CertificateWish, at: datetime
) -> None:
    CertificateWish.objects.update(
        state="applied", records=[{"name": "_hanaper-challenge.x", "value": "the-token"}], renews=False
    )
    shown = text(client.get(page(owner, "gateway", gateway.public_id)))
    assert "_hanaper-challenge.x" in shown and "the-token" in shown and "is yours to choose" in shown


def test_from_now_on_by_itself_and_back(
    owner: Person, client: Client, active: GatewayInstance, issued: Issued, contact: str, at: datetime
) -> None:
    buy(owner, SINGLE, at=at)
    address = page(owner, "gateway-certificate", active.public_id)
    client.post(address, {"certificate": "automatic:quota", "contact": contact})
    wish = CertificateWish.objects.get()
    assert (wish.state, wish.renews, wish.contact) == ("wanted", False, contact)
    client.post(address, {"certificate": "crt_one"})
    assert not CertificateWish.objects.exists()
    answer = client.post(address, {"certificate": "automatic:pca_none"})
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"certificate"}


def _pursue(wish: CertificateWish) -> None:
    CertificateWish.objects.update(next_at=clock.system_now())
    services.supply(wish.pk, clock.now(), clock.system_now() + timedelta(days=1))


@pytest.mark.usefixtures("published")
def test_the_reset_of_its_private_ca_is_told_before_and_after(
    owner: Person, client: Client, gateway: GatewayInstance, name_server, at: datetime
) -> None:
    buy(owner, "private-root-ca", at=at)
    for ca in PrivateCA.objects.order_by("pk"):
        working = enable(owner, ca, at)
    before_reset = page(owner, "reset-private-ca", working.public_id)
    assert "Sites that a gateway serves" not in text(client.get(before_reset))
    made = private_ca.issue(
        owner.actor, working, private_ca.Request("server", names={"dns": [DOMAIN]}), at=at
    )
    address = page(owner, "add-gateway-domain", gateway.public_id)
    assert client.post(address, {**SITE, "certificate": made.public_id}).status_code == 302
    gateway.refresh_from_db()
    name_server.records[(DOMAIN, "CNAME")] = [gateway.cname + "."]
    services.look(gateway.pk, at, clock.system_now())
    for before in (before_reset, page(owner, "revoke-ca", working.public_id)):
        assert f"with certificates from it: 1 ({DOMAIN}). Browsers that check" in text(client.get(before))
        chinese = text(client.get(before, headers={"Accept-Language": "zh-hans"}))
        assert f"1 个（{DOMAIN}）" in chinese and "Revoking" not in chinese
    revoking = text(client.get(page(owner, "revoke-private-certificate", made.public_id)))
    assert f"with this certificate: 1 ({DOMAIN}). Browsers that check" in revoking
    assert DOMAIN in text(client.get(page(owner, "refund-application", working.order.public_id)))
    shown = page(owner, "gateway", gateway.public_id)
    link = page(owner, "private-certificate", made.public_id)
    assert link in text(client.get(shown)) and "deleted with its CA" not in text(client.get(shown))
    later = at + timedelta(hours=1)
    private_ca.reset_by_plan(owner.actor, working, at=later)
    services.look(gateway.pk, later, clock.system_now())
    gateway.refresh_from_db()
    assert (gateway.state, gateway.look["certificate"]) == ("active", "certificate_revoked")
    answer = client.get(shown)
    assert f"The certificate {made.public_id} went with the reset of its CA" in text(answer)
    assert answer.context["problem"].since == later
    assert link not in text(answer) and "deleted with its CA" in text(answer)
    assert "release it" not in text(answer)


def test_what_failed_does_not_promise_the_next_one(
    owner: Person, client: Client, gateway: GatewayInstance, wished: CertificateWish
) -> None:
    shown = page(owner, "gateway", gateway.public_id)
    assert "comes by itself, before this one ends" in text(client.get(shown))
    CertificateWish.objects.update(state="failed", code="not_enabled", message="No.")
    answer = text(client.get(shown))
    assert "comes by itself, before" not in answer and "comes once what is said above is settled" in answer
