"""Which policy and which days bind an order: those in force when it was placed (D9, D10, D17)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.orders import services, terms
from hanaper.apps.orders.models import PublishedPolicy
from hanaper.core.errors import Forbidden, Refusal
from tests.people import Person
from tests.shop import SINGLE, place

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def test_the_default_until_another_is_published(
    owner: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    before = place(owner, SINGLE, at=at)
    services.publish_policy(administrator.actor, name="2026-03-18", holds_from=at + DAY, at=at)
    assert place(owner, SINGLE, at=at + DAY - MOMENT).policy == "2024-10-25"
    assert place(owner, SINGLE, at=at + DAY).policy == "2026-03-18"
    before.refresh_from_db()
    assert before.policy == "2024-10-25"
    services.publish_policy(administrator.actor, name="2024-10-25", holds_from=at + 2 * DAY, at=at)
    assert terms.policy_in_force(at + 2 * DAY) == "2024-10-25"
    assert AuditEntry.objects.filter(action="policy.published").count() == 2


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"name": "2030-01-01"}, "unknown_policy"),
        ({"holds_from": -MOMENT}, "policy_in_the_past"),
        ({"holds_from": DAY}, "policy_published"),
    ],
)
def test_publications_that_make_no_sense(
    administrator: Person, at: datetime, columns: dict[str, Any], code: str
) -> None:
    services.publish_policy(administrator.actor, name="2026-03-18", holds_from=at + DAY, at=at)
    given = {"name": "2024-10-25", **columns, "holds_from": at + columns.get("holds_from", 2 * DAY)}
    with pytest.raises(Refusal) as refused:
        services.publish_policy(administrator.actor, **given, at=at)
    assert refused.value.code == code
    assert PublishedPolicy.objects.count() == 1


def test_only_administrators_publish(owner: Person, finance: Person, reviewer: Person, at: datetime) -> None:
    for person in (owner, finance, reviewer):
        with pytest.raises(Forbidden):
            services.publish_policy(person.actor, name="2026-03-18", holds_from=at, at=at)
    assert PublishedPolicy.objects.count() == 0


def test_the_calendar_reaches_into_the_next_year(db: None, settings: Any) -> None:
    settings.COUNTRY = "US"
    calendar = terms.calendar_for(datetime.fromisoformat("2026-12-31T09:00:00Z"))
    assert calendar["name"] == "US"
    assert {"2026-12-25", "2027-01-01"} <= set(calendar["closed"])


def test_the_calendars_year_is_the_zones(db: None, settings: Any) -> None:
    settings.COUNTRY, settings.ZONE = "US", "Asia/Shanghai"
    calendar = terms.calendar_for(datetime.fromisoformat("2026-12-31T20:00:00Z"))
    assert {day[:4] for day in calendar["closed"]} == {"2027", "2028"}


def test_a_calendar_handed_out_is_not_the_one_kept(db: None, settings: Any) -> None:
    at = datetime.fromisoformat("2026-03-02T09:00:00Z")
    terms.calendar_for(at)["name"] = "changed"
    assert terms.calendar_for(at)["name"] == "none"
