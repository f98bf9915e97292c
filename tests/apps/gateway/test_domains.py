"""A domain is added, changed and looked after by its own account, and by nobody else."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from tests.apps.gateway.conftest import DOMAIN, ORIGINS, Issued
from tests.gateway_node.sites import a_pair
from tests.people import Person


def add(person: Person, gateway: GatewayInstance, at: datetime, **given: Any) -> GatewayInstance:
    return services.add_domain(
        person.actor, gateway, **{"domain": DOMAIN, "behaviour": ORIGINS, "at": at, **given}
    )


def test_added(owner: Person, gateway: GatewayInstance, issued: Issued, at: datetime) -> None:
    GatewayInstance.objects.update(reset_at=at)
    made = add(owner, gateway, at, domain="WWW.Shop.test")
    made.refresh_from_db()
    assert (made.state, made.domain, made.certificate, made.reset_at) == (
        "domain_added",
        DOMAIN,
        "crt_one",
        None,
    )
    assert made.cname == gateway.public_id.replace("_", "-") + ".gateway.test"
    assert made.servers == [{"address": "127.0.0.1", "port": 8080, "weight": 1, "backup": False}]
    assert fleet.snapshot().sites == ()  # nobody showed yet that it is theirs


def test_the_certificate_that_lasts_longest_unless_another_is_asked_for(
    owner: Person, gateway: GatewayInstance, issued: Issued, at: datetime
) -> None:
    issued.put(owner.account.pk, "crt_longer", DOMAIN, until=at + timedelta(days=200))
    assert add(owner, gateway, at).certificate == "crt_longer"
    assert services.change_certificate(owner.actor, gateway, "crt_one", at=at).certificate == "crt_one"


def test_not_without_a_zone_that_domains_can_point_to(
    owner: Person, gateway: GatewayInstance, issued: Issued, at: datetime, settings: LazySettings
) -> None:
    settings.GATEWAY_ZONE = "gateway.invalid"  # what production begins with
    with pytest.raises(Refusal) as refused:
        add(owner, gateway, at)
    assert refused.value.code == "gateway_zone_required"
    gateway.refresh_from_db()
    assert gateway.domain == ""


@pytest.mark.parametrize(
    ("given", "refusal", "code"),
    [
        ({"domain": "*.shop.test"}, InvalidInput, "no_wildcard_domain"),
        ({"domain": "other.test"}, NotFound, "certificate_not_found"),
        ({"domain": "gwi-another.Gateway.test"}, InvalidInput, "gateways_own"),
        ({"domain": "gateway.test"}, InvalidInput, "gateways_own"),
        ({"certificate": "crt_none"}, NotFound, "certificate_not_found"),
        ({"behaviour": {"origins": []}}, InvalidInput, "invalid_input"),
        ({"behaviour": {"origins": [{"host": "10.0.0.1"}]}}, InvalidInput, "invalid_input"),
        ({"behaviour": {"origins": [{"host": "169.254.169.254"}]}}, InvalidInput, "invalid_input"),
        ({"behaviour": {"origins": [{"host": "nowhere.test"}]}}, InvalidInput, "invalid_input"),
    ],
)
def test_refused_and_nothing_changed(
    owner: Person, gateway: GatewayInstance, issued: Issued, name_server: Any, at: datetime,
    given: dict[str, Any], refusal: type[Refusal], code: str,
) -> None:  # fmt: skip
    with pytest.raises(refusal) as refused:
        add(owner, gateway, at, **given)
    assert refused.value.code == code
    gateway.refresh_from_db()
    assert (gateway.state, gateway.domain, gateway.behaviour) == ("no_domain", "", None)


def test_the_fault_stands_at_the_origin(
    owner: Person, gateway: GatewayInstance, issued: Issued, at: datetime
) -> None:
    origins = {"origins": [{"host": "127.0.0.1"}, {"host": "10.0.0.1"}]}
    with pytest.raises(InvalidInput) as refused:
        add(owner, gateway, at, behaviour=origins)
    assert [fault.field for fault in refused.value.faults] == ["behaviour.origins.1.host"]
    assert refused.value.message.endswith(": 10.0.0.1.")


def test_operators_say_where_inside_origins_may_be(
    owner: Person, gateway: GatewayInstance, issued: Issued, settings: Any, at: datetime
) -> None:
    settings.ORIGIN_NETWORKS = ["10.1.0.0/16"]
    made = add(owner, gateway, at, behaviour={"origins": [{"host": "10.1.2.3"}]})
    assert made.servers[0]["address"] == "10.1.2.3"


def test_what_ended_is_told_before_what_else_is_wrong(
    owner: Person, gateway: GatewayInstance, at: datetime
) -> None:
    """There is no certificate either, but it would help nobody to get one."""
    Order.objects.update(state=OrderState.REFUNDED, refunded_at=at)
    with pytest.raises(Refusal) as refused:
        services.add_domain(owner.actor, gateway, domain="www.shop.test", behaviour=ORIGINS, at=at)
    assert refused.value.code == "order_refunded"


def test_one_domain_an_instance(owner: Person, added: GatewayInstance, issued: Issued, at: datetime) -> None:
    with pytest.raises(Refusal, match="has the domain"):
        add(owner, added, at)


def test_who_may(
    owner: Person, reader: Person, stranger: Person, gateway: GatewayInstance, issued: Issued, at: datetime
) -> None:
    with pytest.raises(Forbidden):
        add(reader, gateway, at)
    # The certificate is looked for in the instance's account, never in the asker's.
    issued.put(stranger.account.pk, "crt_theirs", "other.test", until=at + timedelta(days=9))
    with pytest.raises(NotFound):
        add(owner, gateway, at, domain="other.test", certificate="crt_theirs")


def test_not_while_a_refund_is_under_way(
    owner: Person, order: Order, gateway: GatewayInstance, issued: Issued, at: datetime
) -> None:
    # D11
    Order.objects.filter(pk=order.pk).update(state="refund_in_progress")
    with pytest.raises(Refusal) as refused:
        add(owner, gateway, at)
    assert refused.value.clause == "D11"


def test_a_change_is_a_new_version_and_is_audited(
    owner: Person, active: GatewayInstance, at: datetime
) -> None:
    before = fleet.version()
    services.change_behaviour(owner.actor, active, {**ORIGINS, "maintenance": True}, at=at)
    services.purge(owner.actor, active, at=at)
    (site,) = fleet.snapshot().sites
    assert (site.behaviour.maintenance, site.epoch, fleet.version() > before) == (True, 1, True)
    actions = list(
        AuditEntry.objects.filter(target=active.public_id).order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["gateway.domain_added", "gateway.activated", "gateway.changed", "gateway.purged"]


def test_nothing_to_change_without_a_domain(owner: Person, gateway: GatewayInstance, at: datetime) -> None:
    with pytest.raises(Refusal) as refused:
        services.change_behaviour(owner.actor, gateway, ORIGINS, at=at)
    assert refused.value.code == "no_domain"


def test_a_private_key_that_was_kept_is_taken_out(added: GatewayInstance) -> None:
    pair = a_pair("origin.test")
    before = {**(added.behaviour or {}), "origin_ca": f"{pair.key}{pair.chain}"}
    GatewayInstance.objects.update(behaviour=before)
    import_module("hanaper.apps.gateway.migrations.0015_certificates_alone").clean(apps, None)
    added.refresh_from_db()
    assert added.behaviour == {**before, "origin_ca": pair.chain}
