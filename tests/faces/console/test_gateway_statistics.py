"""Statistics in the console: pictures with the table beside them, by hour and by day, and as a file."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.faces.console.gateway.drawing import HEIGHT, LEAST, drawing, moments_until
from hanaper.faces.console.gateway.tags import bytes_said
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import page, served_at, text
from tests.people import Person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_nothing_was_served(owner: Person, client: Client, active: GatewayInstance) -> None:
    shown = text(client.get(page(owner, "gateway-statistics", active.public_id)))
    assert "Nothing was served in this time." in shown and "<rect" not in shown


def test_by_hour_and_by_day(owner: Person, client: Client, active: GatewayInstance) -> None:
    now = clock.system_now()
    for back, visits in ((0, 10), (2, 200), (30, 1000)):
        served_at(active, now - HOUR * back, visits=visits, bytes_out=visits * 1_000_000)
    address = page(owner, "gateway-statistics", active.public_id)
    day = client.get(address)
    assert [one.visits for one in day.context["rows"]] == [10, 200]
    assert [one.total for one in day.context["drawings"]] == ["210", "210 MB", "11"]
    assert "/index.html" in text(day) and "Status 200" in text(day)
    assert [one.visits for one in client.get(address, {"period": "3d"}).context["rows"]] == [10, 200, 1000]
    month = client.get(address, {"period": "30d"})
    assert sum(one.visits for one in month.context["rows"]) == 1210 and len(month.context["rows"]) in (2, 3)
    assert client.get(address, {"period": "nonsense"}).status_code == 200


def test_axes_say_the_zone_of_their_times(owner: Person, client: Client, active: GatewayInstance) -> None:
    owner.user.zone = "Asia/Shanghai"
    owner.user.save()
    served_at(active, clock.system_now(), visits=3, bytes_out=1)
    address = page(owner, "gateway-statistics", active.public_id)
    hours, days = client.get(address), client.get(address, {"period": "30d"})
    assert text(hours).count("times in Asia/Shanghai") == text(days).count("days in UTC") == 3
    assert hours.context["drawings"][0].bars[0].says.endswith(" CST: 3")
    assert days.context["drawings"][0].bars[0].says.endswith(" UTC: 3")


def test_as_a_file(owner: Person, client: Client, active: GatewayInstance) -> None:
    served_at(active, clock.system_now(), visits=3, bytes_out=31_000_000)
    answer = client.get(page(owner, "gateway-usage-csv", active.public_id))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].lstrip("\ufeff").startswith("begins_at,visits,bytes_out,grcq")
    assert ",3,31000000,3,3,1,0,200=3" in lines[1]


def test_bars_are_as_high_as_what_they_stand_for() -> None:
    newest = datetime(2026, 3, 2, 9, tzinfo=UTC)
    moments = moments_until(newest, HOUR, 4)
    values = {moments[0]: 1000, moments[2]: 1, moments[3]: 500}
    made = drawing("Visits", moments, values, str, lambda at: f"{at:%H}")
    assert [bar.height for bar in made.bars] == [HEIGHT, LEAST, HEIGHT / 2]
    assert made.bars[0].says == "06: 1000" and (made.total, made.most) == ("1501", "1000")
    assert made.labels == moments


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (7306, "7.3 kB"),
        (30_000_000, "30 MB"),
        (1_234_000_000, "1.2 GB"),
    ],
)
def test_bytes_are_said_in_decimal_units(number: int, said: str) -> None:
    assert bytes_said(number) == said
