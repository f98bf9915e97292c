"""The queue of jobs forgets what ended, and nothing that is still to be done."""

from datetime import timedelta

import pytest
from django_ox.models import OxTask

from hanaper import clock
from hanaper.storage import jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def _job(status: str, age: timedelta) -> OxTask:
    return OxTask.objects.create(
        task_path="somewhere.some_job",
        backend_name="default",
        status=status,
        enqueued_at=clock.system_now() - age,
    )


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        ("SUCCESSFUL", 6, True),
        ("SUCCESSFUL", 8, False),
        ("FAILED", 89, True),
        ("FAILED", 91, False),
        ("LOST", 91, False),
        ("READY", 400, True),
        ("RUNNING", 400, True),
    ],
)
def test_jobs_are_kept_as_long_as_somebody_may_ask(status: str, days: int, kept: bool) -> None:
    _job(status, days * DAY)
    now = clock.system_now()
    assert jobs.sweep(now, now) == (not kept)
    assert OxTask.objects.exists() is kept


def test_a_round_forgets_a_bounded_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "FORGOTTEN_AT_ONCE", 2)
    for _ in range(3):
        _job("SUCCESSFUL", 30 * DAY)
    now = clock.system_now()
    assert [jobs.sweep(now, now) for _ in range(3)] == [2, 1, 0]
