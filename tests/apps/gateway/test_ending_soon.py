"""An account hears 30, 7 and 1 days before that the term of an instance with a domain ends, each once."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.services.ending_soon import warn_of_ends
from hanaper.apps.gateway.sweep import sweep

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def told(gateway: GatewayInstance) -> list[int]:
    rows = Event.objects.filter(kind="gateway.expiring", subject=gateway.public_id).order_by("pk")
    return [event.data["days"] for event in rows]


def work(at: datetime) -> None:
    for _ in range(2):
        sweep(at, clock.system_now())


def test_each_once_and_in_time(active: GatewayInstance) -> None:
    ends = active.term_ends_at
    for number, days in enumerate((30, 7, 1)):
        work(ends - days * DAY - SECOND)
        assert told(active) == [30, 7, 1][:number]
        work(ends - days * DAY)
        assert told(active) == [30, 7, 1][: number + 1]
    work(ends)
    active.refresh_from_db()
    assert (told(active), active.warn_at, active.state) == ([30, 7, 1], None, "expired")
    event = Event.objects.get(kind="gateway.expiring", data__days=1)
    assert event.data["domain"] == active.domain


def test_after_a_jump_only_the_last(active: GatewayInstance) -> None:
    work(active.term_ends_at - 5 * DAY)
    assert told(active) == [7]


def test_told_again_nobody_hears_it_twice(active: GatewayInstance) -> None:
    at = active.term_ends_at - 7 * DAY
    warn_of_ends(at, 10)
    GatewayInstance.objects.update(warn_at=at)  # as if what was told last had not been written down
    warn_of_ends(at, 10)
    assert told(active) == [7]


@pytest.mark.parametrize("why", ["no domain", "resetting", "refunded"])
def test_where_nothing_stops_nobody_is_told(active: GatewayInstance, why: str) -> None:
    rows = GatewayInstance.objects.filter(pk=active.pk)
    if why == "no domain":
        rows.update(domain="", state="no_domain")
    elif why == "resetting":
        rows.update(resetting_since=active.created_at)
    else:
        rows.update(state="refunded")
    warn_of_ends(active.term_ends_at - DAY, 10)
    assert told(active) == []


def test_those_that_were_there_before_are_told_too(active: GatewayInstance) -> None:
    GatewayInstance.objects.update(warn_at=None)
    import_module("hanaper.apps.gateway.migrations.0013_fill_warnings").fill(apps, None)
    work(active.term_ends_at - 5 * DAY)
    assert told(active) == [7]
