"""An account hears 60, 30, 14, 7 and 1 days before that the term of a private CA ends, each once."""

from datetime import datetime, timedelta

import pytest

from hanaper import clock
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.ending_soon import WARNED_DAYS

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def told(ca: PrivateCA) -> list[int]:
    rows = Event.objects.filter(kind="private_ca.expiring", subject=ca.public_id).order_by("pk")
    return [event.data["days"] for event in rows]


def work(at: datetime) -> None:
    sweep(at, clock.system_now())
    sweep(at, clock.system_now())


def test_each_once_and_in_time(root: PrivateCA, intermediate: PrivateCA) -> None:
    ends = root.term_ends_at
    for number, days in enumerate(WARNED_DAYS):
        work(ends - days * DAY - SECOND)
        assert told(root) == list(WARNED_DAYS[:number])
        work(ends - days * DAY)
        assert told(root) == told(intermediate) == list(WARNED_DAYS[: number + 1])
    work(ends)
    root.refresh_from_db()
    assert told(root) == list(WARNED_DAYS) and root.warn_at is None and root.state == "expired"


def test_after_a_jump_only_the_last(root: PrivateCA) -> None:
    work(root.term_ends_at - 10 * DAY)
    assert told(root) == [14]


def test_a_refunded_one_ends_unsaid(root: PrivateCA) -> None:
    PrivateCA.objects.filter(pk=root.pk).update(state=PrivateCaState.REFUNDED)
    work(root.term_ends_at - DAY)
    assert told(root) == []
