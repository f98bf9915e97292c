"""A private CA whose term has ended: while it has its keys they can be revoked and deleted (R17, D2, D7)."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.authority.models import StoredKey
from hanaper.apps.authority.queries import list_ages
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.evidence import private_ca_evidence
from hanaper.apps.private_ca.generations import revocable
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.sweep import sweep
from hanaper.apps.refunds.services import decision_for
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.test_revoking_cas import STOLEN, fresh
from tests.people import Person
from tests.shop import pay_by_balance

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_after_its_term_it_is_revoked_all_the_same(
    owner: Person, administrator: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    ends = working.term_ends_at
    sweep(ends, clock.system_now())
    assert fresh(working).state == "expired" and revocable(fresh(working))
    token = services.prepare_revocation(administrator.actor, fresh(working)).token
    services.revoke_ca(administrator.actor, fresh(working), STOLEN, confirmation=token, at=ends)
    assert fresh(working).generations.get().revoked_at == ends and not revocable(fresh(working))


def test_after_the_term_a_reset_destroys_the_keys_and_leads_to_no_refund(
    owner: Person, order: Order, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    keys = [enable(owner, intermediate, at).authority.key_id, fresh(root).authority.key_id]  # type: ignore[union-attr]
    end = root.term_ends_at
    sweep(end, clock.system_now())
    refusal = refused("intermediates_enabled", lambda: reset(owner, fresh(root), end))
    assert refusal.details["intermediates"] == [intermediate.public_id], "D7 holds as before"
    for ca in (intermediate, root):
        gone = reset(owner, fresh(ca), end)
        assert (gone.state, gone.reset_at, gone.authority, gone.resetting) == ("expired", end, None, False)
    assert not StoredKey.objects.filter(public_id__in=keys).exists()
    assert "no key" in refused("not_enabled", lambda: reset(owner, fresh(root), end)).next_steps[0]
    evidence = private_ca_evidence([order], end)[order.pk]["ca"]
    assert (evidence["state"], evidence["enabled_intermediates"]) == ("not_enabled", [])
    assert decision_for(order, end)[1].verdict == "refused"


def test_with_deltas_it_is_reset_after_the_end_of_its_certificate(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at, delta=True, years=1)
    for ca in (intermediate, root):
        gone = reset(owner, fresh(ca), at + 400 * DAY)
        assert (gone.reset_at, gone.authority, gone.resetting) == (at + 400 * DAY, None, False)
    assert list(list_ages(at)) == [], "last lists are never made again"


def test_reset_in_time_it_is_refunded_after_its_term(
    owner: Person, order: Order, root: PrivateCA, at: datetime
) -> None:
    """D2: whenever it is asked for."""
    enable(owner, root, at)
    reset(owner, fresh(root), at + DAY)
    end = root.term_ends_at
    sweep(end, clock.system_now())
    assert fresh(root).state == "expired"
    assert decision_for(order, end)[1].verdict == "refundable"


def test_paid_after_the_end_while_it_is_being_reset(
    owner: Person, root: PrivateCA, working: PrivateCA
) -> None:
    ends = root.term_ends_at
    order = services.renew_subscription(owner.actor, fresh(root), at=ends - timedelta(hours=1))
    sweep(ends, clock.system_now())
    PrivateCA.objects.filter(pk=working.pk).update(reset_at=ends, resetting=True)
    pay_by_balance(owner, order, ends + timedelta(hours=1))
    assert fresh(working).state == "not_enabled" and fresh(root).state == "enabled"
