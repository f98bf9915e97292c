"""The sandbox's clock: forward only, by administrators only, in a sandbox only; and in the log."""

from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.clock import services
from hanaper.core.durations import read_duration
from hanaper.core.errors import Forbidden, InvalidInput, Refusal

pytestmark = pytest.mark.django_db


def test_it_moves_business_time_only(administrator, at):
    services.advance(administrator.actor, timedelta(days=8), at=clock.now())
    ahead = clock.now() - clock.system_now()
    assert timedelta(days=8) - timedelta(seconds=5) < ahead <= timedelta(days=8)
    entry = AuditEntry.objects.get(action="clock.advanced")
    assert entry.target == "clock" and entry.after["by_seconds"] == 8 * 86_400


@pytest.mark.parametrize("by", [timedelta(0), timedelta(seconds=-1), timedelta(days=41 * 365)])
def test_never_back_and_not_without_end(administrator, at, by):
    with pytest.raises(InvalidInput):
        services.advance(administrator.actor, by, at=at)
    assert clock.offset() == timedelta(0) and not AuditEntry.objects.filter(action="clock.advanced").exists()


def test_not_outside_a_sandbox(administrator, at, settings):
    settings.SANDBOX = False
    with pytest.raises(Refusal) as refused:
        services.advance(administrator.actor, timedelta(days=1), at=at)
    assert refused.value.code == "not_a_sandbox"


def test_not_by_others(owner, reviewer, finance, at):
    for person in (owner, reviewer, finance):
        with pytest.raises(Forbidden):
            services.advance(person.actor, timedelta(days=1), at=at)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8d", 691_200), ("3h", 10_800), ("45m", 2_700), ("30s", 30), ("2d12h", 216_000), ("1d1h1m1s", 90_061)],
)
def test_durations(text, seconds):
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "8", "d", "0d", "-1d", "1.5d", "1h1d", "1d1d", " 1d", "1d ",
                                  "1D", "٣d", "9" * 9 + "d"])  # fmt: skip
def test_no_durations(text):
    with pytest.raises(InvalidInput) as refused:
        read_duration(text)
    assert refused.value.code == "bad_duration" and refused.value.field == "by"


def test_over_rest(administrator, owner, finance):
    before = owner.rest.get("/clock").json()
    assert before["offset_seconds"] == 0 and before["sandbox"] is True
    for person in (owner, finance):
        assert person.rest.post("/operator/clock", {"by": "1d"}).status_code == 403
    after = administrator.rest.post("/operator/clock", {"by": "2d12h"}, key="k")
    assert after.json()["offset_seconds"] == 216_000
    assert administrator.rest.post("/operator/clock", {"by": "2d12h"}, key="k").json() == after.json()
    assert owner.rest.get("/clock").json()["offset_seconds"] == 216_000
    refused = administrator.rest.post("/operator/clock", {"by": "-1d"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "bad_duration")
