"""The inventory: what has ended, who is told, what is counted, and the table for spreadsheets."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca import inventory, services
from hanaper.apps.private_ca.ends import look_at_ends
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.queries import certificates
from hanaper.apps.private_ca.services import Request
from hanaper.apps.private_ca.statistics import Period, statistics
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.errors import Refusal
from hanaper.core.x509.crl import RevocationReason
from tests.people import Person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def issue(
    person: Person, ca: PrivateCA, at: datetime, name: str = "db.example", **more: Any
) -> PrivateCertificate:
    return services.issue(person.actor, ca, Request("server", names={"dns": [name]}, **more), at=at)


def told() -> list[tuple[int, int]]:
    rows = Event.objects.filter(kind="private_certificate.expiring").order_by("pk")
    return [(event.data["days"], event.data["count"]) for event in rows]


def test_what_has_ended(owner: Person, working: PrivateCA, at: datetime) -> None:
    short, long = issue(owner, working, at, days=7), issue(owner, working, at, days=90)
    held, revoked = issue(owner, working, at, days=7), issue(owner, working, at, days=7)
    services.hold(owner.actor, held, at=at)
    services.revoke(owner.actor, revoked, RevocationReason.SUPERSEDED, at=at)
    end = at + 7 * DAY
    assert list(certificates(owner.actor, state="issued", at=end)) == [long], "before the sweep, too"
    look_at_ends(end - timedelta(seconds=1))
    assert not certificates(owner.actor, state="expired").exists()
    assert sweep(end, clock.system_now()) >= 2 and look_at_ends(end) == 0
    states = {one.pk: one.state for one in PrivateCertificate.objects.all()}
    assert [states[one.pk] for one in (short, long, held, revoked)] == [
        "expired", "issued", "expired", "revoked",
    ]  # fmt: skip
    assert set(certificates(owner.actor, state="expired", at=end)) == {short, held}
    assert set(certificates(owner.actor, expiring_before=end + 90 * DAY, at=end)) == {long}
    with pytest.raises(Refusal):
        services.revoke(owner.actor, short, RevocationReason.SUPERSEDED, at=end)


def test_told_of_the_end_once_a_step(owner: Person, working: PrivateCA, at: datetime) -> None:
    first, renewed = issue(owner, working, at), issue(owner, working, at, "old.example")
    issue(owner, working, at, "week.example", days=2)
    held = issue(owner, working, at, "revoked.example")
    services.revoke(owner.actor, held, RevocationReason.SUPERSEDED, at=at)
    end = first.not_after
    services.renew(owner.actor, renewed, at=end - 40 * DAY)
    for days in range(89, -1, -1):
        sweep(end - days * DAY, clock.system_now())
    assert told() == [(30, 1), (14, 1), (7, 1), (1, 1)]
    event = Event.objects.filter(kind="private_certificate.expiring").earliest("pk")
    assert event.subject == first.public_id and event.data["names"] == "db.example"
    assert event.account_id == working.account_id


def test_those_of_one_day_are_told_together(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        issue(owner, working, at + timedelta(minutes=number), f"n{number}.example")
    with CaptureQueriesContext(connection) as asked:
        assert look_at_ends(at + 61 * DAY) == 7
    assert told() == [(30, 7)] and len(asked) < 10
    data = Event.objects.get(kind="private_certificate.expiring").data
    assert data["names"].startswith("n0.example, n1.example") and data["names"].endswith("...")
    assert len(data["certificates"]) == 7
    assert look_at_ends(at + 61 * DAY) == 0
    # A clock that was moved far: of what was passed only the last is told.
    assert look_at_ends(at + 85 * DAY) == 7 and told() == [(30, 7), (7, 7)]


def test_a_quota_that_runs_low(owner: Person, working: PrivateCA, at: datetime) -> None:
    PrivateCA.objects.filter(pk=working.pk).update(quota=10)
    for _ in range(10):
        issue(owner, working, at)
    events = Event.objects.filter(kind="private_ca.quota_low").order_by("pk")
    assert [(event.data["percent"], event.data["left"]) for event in events] == [(80, 2), (95, 0), (100, 0)]


def test_revoked_is_told(owner: Person, working: PrivateCA, at: datetime) -> None:
    certificate = issue(owner, working, at)
    services.hold(owner.actor, certificate, at=at)
    assert not Event.objects.filter(kind="private_certificate.revoked").exists()
    services.revoke(owner.actor, certificate, RevocationReason.KEY_COMPROMISE, at=at)
    assert Event.objects.get(kind="private_certificate.revoked").data["reason"] == "keyCompromise"


def test_counted_by_period_ca_and_template(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    """`at` is Monday, 2 March 2026."""
    for days in (0, 0, 1):
        issue(owner, working, at + days * DAY, days=7)
    later = at + DAY
    found = statistics(working, by=Period.DAY, at=later)
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert [(one.begins, one.ca, one.template, one.count) for one in found.issued] == [
        (monday, working.public_id, "server", 2),
        (monday + DAY, working.public_id, "server", 1),
    ]
    assert [(one.begins, one.count) for one in found.expiring] == [(monday + 7 * DAY, 3)]
    months = statistics(root, by=Period.MONTH, at=later)
    assert [(one.begins, one.count) for one in months.issued] == [(datetime(2026, 3, 1, tzinfo=UTC), 3)]
    with CaptureQueriesContext(connection) as asked:
        statistics(root, by=Period.DAY, at=later)
    assert len(asked) == 4


@pytest.mark.parametrize("day", range(7))
def test_what_ends_is_in_the_weeks_or_after_them(
    owner: Person, working: PrivateCA, at: datetime, day: int
) -> None:
    """The 90 days of most templates are, whatever day of the week it is."""
    on = at + day * DAY
    issue(owner, working, on, days=90)
    issue(owner, working, on, days=200)
    found = statistics(working, by=Period.DAY, at=on)
    assert ([one.count for one in found.expiring], found.later) == ([1], 1)


def test_the_table_is_read_in_parts(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "AT_ONCE", 2)
    names = [f"n{number}.example" for number in range(5)]
    for name in names:
        issue(owner, working, at, name)
    text = "".join(inventory.inventory_csv(certificates(owner.actor, at=at)))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["names"] for row in rows] == names[::-1]
    assert rows[0]["state"] == "issued" and rows[0]["ca"] == working.public_id
    assert (
        len("".join(inventory.inventory_csv(certificates(owner.actor, search="n3", at=at))).split("\r\n"))
        == 3
    )
