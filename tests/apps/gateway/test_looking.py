"""Looking: a domain is served once its owner has pointed it here, for one instance, with what is current."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import Event
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway import sweep as sweeping
from hanaper.apps.gateway.leading import Seen
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.gateway.problems import problem
from hanaper.apps.gateway.services import looking
from hanaper.apps.gateway.sweep import sweep
from hanaper.core.errors import Refusal
from hanaper.faces.rest.schemas.gateways import gateway_out
from tests.apps.gateway.conftest import DOMAIN, ORIGINS, Issued, activate
from tests.people import Person
from tests.shop import buy


def look(gateway: GatewayInstance, at: datetime) -> GatewayInstance:
    services.look(gateway.pk, at, clock.system_now())
    gateway.refresh_from_db()
    return gateway


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ({}, "no_cname"),
        ({(DOMAIN, "CNAME"): ["elsewhere.test."]}, "other_cname"),
        ({(DOMAIN, "A"): ["127.0.0.1"]}, "no_cname"),
        ({(f"_hanaper-gateway.{DOMAIN}", "TXT"): ["gwi-another.gateway.test"]}, "no_cname"),
    ],
)
def test_waits_and_says_what_it_saw(
    added: GatewayInstance, name_server: Any, at: datetime, records: dict[Any, Any], problem: str
) -> None:
    name_server.records.update(records)
    seen = look(added, at)
    assert (seen.state, seen.look["problem"], seen.looked_at) == ("domain_added", problem, at)
    assert fleet.snapshot().sites == ()


def test_through_other_names(added: GatewayInstance, name_server: Any, at: datetime) -> None:
    name_server.records[(DOMAIN, "CNAME")] = ["edge.shop.test."]
    name_server.records[("edge.shop.test", "CNAME")] = [added.cname + "."]
    seen = look(added, at)
    assert seen.state == "active" and seen.look["chain"] == ["edge.shop.test", added.cname]


def test_a_domain_that_can_have_no_cname_says_it_in_a_txt_record(
    added: GatewayInstance, name_server: Any, at: datetime
) -> None:
    name_server.records[(f"_hanaper-gateway.{DOMAIN}", "TXT")] = [added.cname]
    assert look(added, at).state == "active"


def test_active_and_in_the_snapshot(active: GatewayInstance, issued: Issued, at: datetime) -> None:
    (site,) = fleet.snapshot().sites
    assert (site.instance, site.domain, site.origin_name) == (active.public_id, DOMAIN, "127.0.0.1")
    assert services.key_pair(site.certificate, at).key == "key"
    assert '"key"' not in fleet.snapshot().model_dump_json()  # nothing secret is in a snapshot


def test_without_a_certificate_it_waits(
    added: GatewayInstance, issued: Issued, name_server: Any, at: datetime
) -> None:
    issued.pairs.clear()
    waiting = activate(added, name_server, at)
    assert (waiting.state, waiting.look["certificate"]) == ("domain_added", "no_certificate")


def test_a_reissued_certificate_is_served_by_itself(
    owner: Person, active: GatewayInstance, issued: Issued, at: datetime
) -> None:
    (before,) = fleet.snapshot().sites
    version = fleet.version()
    issued.put(owner.account.pk, "crt_one", DOMAIN, until=at + timedelta(days=90), key="another")
    look(active, at)
    (after,) = fleet.snapshot().sites
    assert after.certificate != before.certificate and fleet.version() > version
    version = fleet.version()
    look(active, at)
    assert fleet.version() == version  # nothing new: nobody is woken


@pytest.mark.parametrize(
    ("days_left", "other", "lasts", "served"),
    [
        (29, "crt_two", 90, "crt_two"),
        (29, "crt_two", 20, "crt_one"),  # it would end sooner
        (31, "crt_two", 90, "crt_one"),  # not yet
        (29, "prc_two", 90, "crt_one"),  # of another product, whom visitors need not trust
        (-1, "crt_two", 90, "crt_two"),
    ],
)
def test_a_renewed_certificate_is_followed(
    owner: Person, active: GatewayInstance, issued: Issued, at: datetime,
    days_left: int, other: str, lasts: int, served: str,
) -> None:  # fmt: skip
    (before,) = fleet.snapshot().sites
    later = at + timedelta(days=90 - days_left)
    issued.put(owner.account.pk, other, DOMAIN, until=later + timedelta(days=lasts))
    issued.put(owner.account.pk, "crt_of_another_name", "other.test", until=later + timedelta(days=999))
    GatewayInstance.objects.update(term_ends_at=later + timedelta(days=1))
    seen = look(active, later)
    (after,) = fleet.snapshot().sites
    assert (seen.certificate, after.certificate != before.certificate) == (served, served != "crt_one")
    followed = AuditEntry.objects.filter(action="gateway.changed", target=active.public_id)
    assert followed.exists() == (served != "crt_one")


def test_a_name_server_that_is_away_takes_nothing_off_the_net(
    owner: Person, active: GatewayInstance, issued: Issued, name_server: Any, at: datetime
) -> None:
    named = {"origins": [{"host": "origin.test", "port": 80}]}
    name_server.records[("origin.test", "A")] = ["127.0.0.1"]
    services.change_behaviour(owner.actor, active, named, at=at)
    del name_server.records[("origin.test", "A")]
    issued.pairs.clear()
    seen = look(active, at)
    assert seen.state == "active" and "origin.test" in seen.look["origin"]
    assert seen.look["certificate"] == "no_certificate"
    (site,) = fleet.snapshot().sites
    assert site.servers[0].address == "127.0.0.1" and site.certificate
    changed = services.change_behaviour(owner.actor, active, ORIGINS, at=at)
    assert changed.look == {**seen.look, "origin": ""}  # not only from the next look on


def test_the_domain_is_served_for_whom_it_leads_to(
    owner: Person, stranger: Person, active: GatewayInstance, issued: Issued, name_server: Any, at: datetime
) -> None:
    order = buy(stranger, "https-gateway-1m", at=at)
    issued.put(stranger.account.pk, "crt_theirs", DOMAIN, until=at + timedelta(days=9))
    theirs = services.add_domain(
        stranger.actor, GatewayInstance.objects.get(order=order), domain=DOMAIN, behaviour=ORIGINS, at=at
    )
    assert look(theirs, at).state == "domain_added"  # it leads to the owner's
    activate(theirs, name_server, at)
    active.refresh_from_db()
    assert (theirs.state, active.state) == ("active", "domain_added")
    assert [site.instance for site in fleet.snapshot().sites] == [theirs.public_id]


@pytest.mark.parametrize(
    ("holder_by", "other_by", "takes"),
    [("CNAME", "TXT", False), ("TXT", "CNAME", True), ("TXT", "TXT", False), ("nothing", "TXT", True)],
)
def test_a_domain_with_two_proofs_stays_where_the_stronger_one_leads(
    owner: Person, stranger: Person, active: GatewayInstance, issued: Issued, name_server: Any, at: datetime,
    holder_by: str, other_by: str, takes: bool,
) -> None:  # fmt: skip
    order = buy(stranger, "https-gateway-1m", at=at)
    issued.put(stranger.account.pk, "crt_theirs", DOMAIN, until=at + timedelta(days=9))
    theirs = services.add_domain(
        stranger.actor, GatewayInstance.objects.get(order=order), domain=DOMAIN, behaviour=ORIGINS, at=at
    )
    name_server.records.clear()
    for instance, way in ((active, holder_by), (theirs, other_by)):
        if way == "CNAME":
            name_server.records[(DOMAIN, "CNAME")] = [instance.cname + "."]
        elif way == "TXT":
            name_server.records.setdefault((f"_hanaper-gateway.{DOMAIN}", "TXT"), []).append(instance.cname)
    told = Event.objects.filter(kind="gateway.active").count()
    for _ in range(3):
        look(theirs, at + timedelta(minutes=1))
        look(active, at + timedelta(minutes=2))
    assert (theirs.state, active.state) == (
        ("active", "domain_added") if takes else ("domain_added", "active")
    )
    assert Event.objects.filter(kind="gateway.active").count() == told + takes
    taken = [(one.account_id, one.subject) for one in Event.objects.filter(kind="gateway.taken_over")]
    assert taken == [(owner.account.pk, active.public_id)] * takes
    assert AuditEntry.objects.filter(action="gateway.taken_over", target=active.public_id).count() == takes
    held = active if takes else theirs
    if holder_by != "nothing":
        found = problem(held)
        assert found and found.code == "served_for_another" == held.look["problem"]
        assert found.since == at + timedelta(minutes=2 if takes else 1) and found.next_steps
        assert gateway_out(held)["problem"].message.startswith(f"{DOMAIN} leads here")


def test_a_domain_that_is_kept_begins_no_certificate(
    stranger: Person, active: GatewayInstance, name_server: Any, at: datetime
) -> None:
    order = buy(stranger, "https-gateway-1m", at=at)
    theirs = GatewayInstance.objects.get(order=order)
    GatewayInstance.objects.filter(pk=theirs.pk).update(
        domain=DOMAIN, state="domain_added", behaviour=active.behaviour, cname="gwi-theirs.gateway.test"
    )
    wish = CertificateWish.objects.create(
        account=theirs.account, instance=theirs, source="quota", shown_by="gateway", asked_at=at,
        proofs=[{"domain": DOMAIN, "path": "/x", "content": "y"}],
    )  # fmt: skip
    name_server.records[(f"_hanaper-gateway.{DOMAIN}", "TXT")] = ["gwi-theirs.gateway.test"]
    look(theirs, at)
    wish.refresh_from_db()
    assert wish.next_at is None
    CertificateWish.objects.update(next_at=at)
    assert fleet.snapshot().proofs == ()


def test_a_revoked_certificate_is_served_on_and_said(
    owner: Person, active: GatewayInstance, issued: Issued, at: datetime
) -> None:
    (before,) = fleet.snapshot().sites
    issued.revoke(owner.account.pk, "crt_one", at)
    seen = look(active, at)
    assert (seen.state, seen.look["certificate"], fleet.snapshot().sites) == (
        "active", "certificate_revoked", (before,),
    )  # fmt: skip
    found = problem(seen)
    assert found and (found.code, found.since, found.nodes) == ("certificate_revoked", at, None)
    assert "Choose another certificate" in found.next_steps[0]
    assert services.key_pair(before.certificate, at).key == "key"  # for a node that joins only now
    issued.put(owner.account.pk, "crt_two", DOMAIN, until=at + timedelta(days=9))
    assert look(active, at).certificate == "crt_two" and problem(active) is None


def test_keys_only_of_what_is_served(active: GatewayInstance, issued: Issued, at: datetime) -> None:
    name = active.served
    GatewayInstance.objects.update(state="domain_added")
    with pytest.raises(Exception, match="no such certificate"):
        services.key_pair(name, at)


def test_the_sweep_looks_and_ends(active: GatewayInstance, at: datetime) -> None:
    GatewayInstance.objects.update(look_due_at=clock.system_now(), looked_at=None)
    sweep(at, clock.system_now())
    active.refresh_from_db()
    assert active.looked_at == at
    sweep(active.term_ends_at, clock.system_now())
    active.refresh_from_db()
    assert active.state == "expired" and fleet.snapshot().sites == ()


def test_after_its_term_it_says_so(owner: Person, active: GatewayInstance, at: datetime) -> None:
    end = active.term_ends_at
    sweep(end, clock.system_now())
    active.refresh_from_db()
    for act in (
        lambda: services.change_behaviour(owner.actor, active, ORIGINS, at=end),
        lambda: services.prepare_reset(owner.actor, active, at=at),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "term_ended" and end.date().isoformat() in refused.value.message


def several(owner: Person, at: datetime, many: int) -> list[GatewayInstance]:
    """Instances with a domain each, all of them due."""
    made = []
    for number in range(many):
        instance = GatewayInstance.objects.get(order=buy(owner, "https-gateway-3m", at=at))
        instance.domain, instance.cname, instance.state = f"d{number}.test", "c.test", "domain_added"
        instance.behaviour, instance.look_due_at = ORIGINS, at
        instance.save()
        made.append(instance)
    return made


def test_name_servers_are_asked_side_by_side_and_one_that_breaks_holds_up_nobody(
    owner: Person, catalogue: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = several(owner, at, 6)
    together = threading.Barrier(len(made), timeout=20)

    def asked(domain: str, cname: str) -> Seen:
        together.wait()
        if domain == "d0.test":
            raise MemoryError
        return Seen(False, (), "no_cname", "None yet.")

    monkeypatch.setattr(looking, "where_it_leads", asked)
    sweep(at, at)
    looked = GatewayInstance.objects.exclude(looked_at=None).values_list("domain", flat=True)
    assert sorted(looked) == [one.domain for one in made[1:]]


def test_those_that_somebody_waits_for_come_first(
    owner: Person, catalogue: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = several(owner, at, 4)
    served, waiting = made[:3], made[3]
    GatewayInstance.objects.filter(pk__in=[one.pk for one in served]).update(
        state="active", look_due_at=at - timedelta(hours=1)
    )
    order: list[str] = []

    def asked(domain: str, cname: str) -> Seen:
        order.append(domain)
        return Seen(False, ())

    monkeypatch.setattr(looking, "where_it_leads", asked)
    monkeypatch.setattr(looking, "SIDE_BY_SIDE", 1)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    sweep(at, at)
    assert order == [waiting.domain, served[0].domain, served[1].domain]


def test_what_is_served_is_looked_at_less_often_the_more_there_is(
    active: GatewayInstance, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def due_in() -> timedelta:
        system_at = clock.system_now()
        services.look(active.pk, at, system_at)
        active.refresh_from_db()
        return active.look_due_at - system_at

    assert due_in() == timedelta(minutes=1)
    monkeypatch.setattr(looking, "LOOKS_A_SECOND", 1 / 300)  # as if there were nine thousand
    assert due_in() == timedelta(minutes=5)


def test_who_never_points_it_here_is_looked_at_less_often_until_asked(
    owner: Person, added: GatewayInstance, at: datetime
) -> None:
    def due_in() -> timedelta:
        system_at = clock.system_now()
        found = look(added, at)
        return timedelta(seconds=round((found.look_due_at - system_at).total_seconds()))

    assert due_in() == timedelta(seconds=3)
    GatewayInstance.objects.update(look={"looks": looking.PATIENCE})
    assert due_in() == timedelta(minutes=2)
    services.look_again(owner.actor, added)
    assert due_in() == timedelta(seconds=3)
