"""Which policy and which days bind an order: those in force when it was placed (D9, D10, D17)."""

from datetime import datetime, timedelta
from typing import Any

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.orders import terms
from hanaper.apps.policies.queries import policy_in_force
from hanaper.apps.policies.services import publish_policy
from tests.people import Person
from tests.shop import SINGLE, place

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def test_the_default_until_another_is_published(
    owner: Person, administrator: Person, catalogue: None, at: datetime
) -> None:
    before = place(owner, SINGLE, at=at)
    publish_policy(administrator.actor, name="2026-03-18", holds_from=at + DAY, at=at)
    assert place(owner, SINGLE, at=at + DAY - MOMENT).policy == "2024-10-25"
    assert place(owner, SINGLE, at=at + DAY).policy == "2026-03-18"
    before.refresh_from_db()
    assert before.policy == "2024-10-25"
    publish_policy(administrator.actor, name="2024-10-25", holds_from=at + 2 * DAY, at=at)
    assert policy_in_force(at + 2 * DAY) == "2024-10-25"
    assert AuditEntry.objects.filter(action="policy.published").count() == 2


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
