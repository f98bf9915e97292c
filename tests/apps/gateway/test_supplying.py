"""A certificate that comes by itself, against a product that does what it is told: when it is begun, what becomes
of it, how it is tried again and renewed."""

from datetime import timedelta

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.problems import problem
from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.supply import QUOTA, Record, ShownBy, Stage, Standing
from tests.apps.gateway.conftest import DOMAIN
from tests.apps.gateway.supplied import *  # noqa: F403 - its fixtures
from tests.apps.gateway.supplied import HOUR, PROOF, World


def test_nothing_is_taken_before_the_domain_leads_here(world: World) -> None:
    world.add().sweep()
    assert (world.wish.state, world.wish.code, world.product.asked) == ("wanted", "waiting_for_dns", [])
    world.names.records[(DOMAIN, "CNAME")] = ["elsewhere.test."]
    assert world.sweep().sweep().product.asked == [] and fleet.snapshot().proofs == ()
    world.point()
    (asked,) = world.product.asked
    assert (asked.account_id, asked.domain, asked.source) == (world.gateway.account_id, DOMAIN, QUOTA)
    assert (world.wish.state, world.wish.certificate) == ("applied", "crt_1")


def test_nodes_answer_until_it_is_issued_and_it_is_served(world: World) -> None:
    world.add().point()
    assert fleet.snapshot().proofs == (PROOF,) and fleet.snapshot().sites == ()
    version = fleet.version()
    world.issue()
    (site,) = fleet.snapshot().sites
    assert services.key_pair(site.certificate, world.at).key == "crt_1"
    assert (world.gateway.state, world.gateway.certificate, world.wish.state) == ("active", "crt_1", "served")
    assert fleet.snapshot().proofs == () and fleet.version() > version
    assert world.told() == ["gateway.certificate_ordered"]
    actions = AuditEntry.objects.filter(target=world.gateway.public_id).order_by("pk")
    assert list(actions.values_list("action", flat=True))[1:4] == [
        "gateway.certificate_wanted",
        "gateway.certificate_begun",
        "gateway.changed",
    ]


def test_nobody_is_helped_to_prove_what_leads_elsewhere(world: World) -> None:
    """The domain led here when it was applied for, and does not when an issuer looks."""
    world.add().point()
    world.names.records[(DOMAIN, "CNAME")] = ["elsewhere.test."]
    world.sweep(later=timedelta(minutes=3))
    assert world.wish.proofs and fleet.snapshot().proofs == ()


def test_by_dns_it_is_had_before_it_leads_here(world: World) -> None:
    """So that a site that is visited elsewhere moves without a gap."""
    record = Record("_hanaper-challenge.www.shop.test", "token")
    world.add(shown_by=ShownBy.DNS)
    world.product.stands["crt_1"] = Standing(Stage.PENDING, QUOTA, records=(record,))
    world.sweep()
    assert world.wish.records == [{"name": record.name, "value": record.value}]
    world.issue()
    assert (world.gateway.state, world.gateway.certificate) == ("domain_added", "crt_1")
    assert world.point().gateway.state == "active"


def test_what_is_refused_is_said_and_tried_again_ever_later(world: World) -> None:
    world.product.refusal = InvalidInput(
        "No contact.", field="contact", code="contact_missing", next_steps=["Make one."]
    )
    world.add().point()
    wish = world.wish
    assert (wish.state, wish.code, wish.message, wish.next_steps) == (
        "failed",
        "contact_missing",
        "No contact.",
        ["Make one."],
    )
    pauses = []
    for _ in range(12):
        before = world.system_at
        world.sweep(later=world.wish.next_at - before + timedelta(seconds=1))
        pauses.append(world.wish.next_at - world.system_at)
    assert pauses[:3] == sorted(pauses[:3]) and pauses[0] < pauses[-1]
    assert max(pauses) <= timedelta(minutes=15)  # a CA that issues again is not waited for half a day
    assert world.told() == ["gateway.certificate_failed"]  # once, while it is the same
    assert world.gateway.state == "domain_added" and fleet.snapshot().sites == ()
    world.product.refusal = None
    services.retry(world.person.actor, world.gateway, at=world.at)
    assert world.sweep().wish.state == "applied"


def test_a_failed_validation_is_applied_for_again_with_the_same_quota(world: World) -> None:
    world.add().point()
    world.product.stands["crt_1"] = Standing(Stage.FAILED, QUOTA, "domain_check_failed", "Not seen.")
    assert world.sweep().wish.message == "Not seen." and fleet.snapshot().proofs == ()
    world.sweep(later=HOUR)
    assert (world.product.went_on, len(world.product.asked), world.wish.state) == (["crt_1"], 1, "applied")


def test_what_somebody_took_back_is_not_taken_again_by_itself(world: World) -> None:
    """A refund plan cancels or revokes it; another one only when its owner asks."""
    world.product.left = 2
    world.add().point()
    world.product.stands["crt_1"] = Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", "It was withdrawn.")
    world.sweep().sweep(later=timedelta(days=2))
    assert (world.wish.state, len(world.product.asked)) == ("failed", 1)
    services.retry(world.person.actor, world.gateway, at=world.at)
    assert (world.sweep().wish.certificate, len(world.product.asked)) == ("crt_2", 2)


def test_a_revoked_one_is_noticed(world: World) -> None:
    world.product.left = 2
    world.add().point().issue()
    world.issued.pairs.clear()
    world.product.stands["crt_1"] = Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", "It was revoked.")
    world.sweep().sweep()
    assert (world.wish.state, world.wish.message, len(world.product.asked)) == (
        "failed",
        "It was revoked.",
        1,
    )
    services.retry(world.person.actor, world.gateway, at=world.at)
    world.sweep().issue("crt_2")
    assert (world.gateway.certificate, problem(world.gateway)) == ("crt_2", None)


def test_one_that_was_on_hold_is_served_on_once_it_is_released(world: World) -> None:
    world.add().point().issue()
    kept = dict(world.issued.pairs)
    world.issued.revoke(world.person.account.pk, "crt_1", world.at)
    world.product.stands["crt_1"] = Standing(Stage.TAKEN_BACK, QUOTA, "taken_back", "It was put on hold.")
    world.sweep().sweep()
    assert world.wish.state == "failed" and problem(world.gateway)
    world.sweep()
    assert world.wish.next_at is None
    world.issued.pairs.update(kept)
    world.product.stands["crt_1"] = Standing(Stage.ISSUED, QUOTA, renew_at=world.at + timedelta(days=60))
    world.sweep().sweep()
    assert (world.wish.state, world.wish.message, problem(world.gateway)) == ("served", "", None)
    assert world.wish.due_at == world.at + timedelta(days=60) and len(world.product.asked) == 1


@pytest.mark.parametrize(
    ("stage", "asked", "to_do"),
    [(Stage.TAKEN_BACK, 1, "Have the certificate tried again"), (Stage.LOST, 2, "Another one is being")],
)
def test_what_its_owner_did_not_revoke_is_had_anew_at_once(
    world: World, stage: Stage, asked: int, to_do: str
) -> None:
    world.product.left = 2
    world.add().point().issue()
    world.issued.revoke(world.person.account.pk, "crt_1", world.at)
    world.product.stands["crt_1"] = Standing(stage, QUOTA, "revoked", "It was revoked.")
    world.sweep().sweep()
    found = problem(world.gateway)
    assert found and found.code == "certificate_revoked" and found.next_steps[0].startswith(to_do)
    assert (len(world.product.asked), world.gateway.state, len(fleet.snapshot().sites)) == (
        asked,
        "active",
        1,
    )


def test_once_is_once_whatever_becomes_of_it(world: World) -> None:
    world.product.left = 2
    world.add(renews=False).point().issue()
    world.issued.revoke(world.person.account.pk, "crt_1", world.at)
    world.product.stands["crt_1"] = Standing(Stage.LOST, QUOTA, "expired", "Its term has ended.")
    for _ in range(4):
        world.sweep(later=HOUR)
    assert (world.wish.state, world.wish.code, len(world.product.asked)) == ("failed", "expired", 1)
    services.retry(world.person.actor, world.gateway, at=world.at)
    assert (world.sweep().wish.certificate, len(world.product.asked)) == ("crt_2", 2)


@pytest.mark.parametrize(("renews", "asked"), [(True, 2), (False, 1)])
def test_the_next_one_is_had_in_time_if_that_was_allowed(world: World, renews: bool, asked: int) -> None:
    end = world.at + timedelta(days=60)
    world.product.left = 2
    world.add(renews=renews).point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    GatewayInstance.objects.update(term_ends_at=end + HOUR)
    world.sweep(at=end - timedelta(days=31))
    assert world.told() == ["gateway.certificate_ordered"]
    world.sweep(at=end - timedelta(days=29)).sweep()
    assert world.told()[1:] == ["gateway.certificate_ending"]
    world.sweep(at=end - timedelta(days=6)).sweep()
    assert len(world.product.asked) == asked and world.gateway.certificate == "crt_1"
    if renews:
        assert world.product.asked[1].replaces == "crt_1"
        world.issue("crt_2", ends_at=end + timedelta(days=365))
        assert (world.gateway.certificate, world.wish.certificate) == ("crt_2", "crt_2")
        assert world.told()[-1] == "gateway.certificate_renewed"
    (site,) = fleet.snapshot().sites
    assert services.key_pair(site.certificate, world.at).key == f"crt_{asked}"


def test_one_that_cannot_be_renewed_is_served_on(world: World) -> None:
    end = world.at + timedelta(days=60)
    world.add().point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    world.sweep(at=end - timedelta(days=20)).sweep(at=end - timedelta(days=5)).sweep()
    assert (world.wish.state, world.wish.code, world.gateway.state) == ("failed", "no_quota", "active")
    assert world.told()[1:] == ["gateway.certificate_ending", "gateway.certificate_failed"]
    world.product.left = 1
    world.sweep(later=HOUR)
    assert (world.wish.state, world.wish.certificate) == ("applied", "crt_2")


def test_nodes_answer_again_when_it_is_reissued(world: World) -> None:
    """The certificates area reissues by itself (D13), and a validation holds for a while only."""
    world.add().point().issue()
    world.product.stands["crt_1"] = Standing(Stage.ISSUED, QUOTA, proofs=(PROOF,))
    assert world.sweep().wish.proofs == []
    world.product.asking_again = ["crt_1"]
    world.sweep()
    assert fleet.snapshot().proofs == (PROOF,) and world.wish.state == "served"
    world.product.asking_again, world.product.stands["crt_1"] = [], Standing(Stage.ISSUED, QUOTA)
    assert world.sweep().wish.proofs == [] and fleet.snapshot().proofs == ()


def test_another_that_lasts_longer_is_followed_instead(world: World) -> None:
    """The next year of several, or what its owner had made: nothing is taken for it."""
    end = world.at + timedelta(days=60)
    world.product.left = 2
    world.add().point()
    world.issue(ends_at=end, tell_at=end - timedelta(days=30), renew_at=end - timedelta(days=7))
    later = end - timedelta(days=20)
    world.at = later
    world.product.stands["crt_year"] = Standing(Stage.ISSUED, QUOTA)
    world.issued.put(world.person.account.pk, "crt_year", DOMAIN, until=end + timedelta(days=365))
    world.sweep().sweep(at=end - timedelta(days=3)).sweep()
    assert (world.gateway.certificate, world.wish.certificate) == ("crt_year", "crt_year")
    assert len(world.product.asked) == 1
