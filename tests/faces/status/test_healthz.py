"""/healthz: 200 only while the database answers, the sweep goes round and the lists are fresh."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from hanaper import clock
from hanaper.apps.authority.models import Authority, RevocationList
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.recovery.models import Heartbeat
from hanaper.apps.recovery.services import BEAT_EVERY, beat, begin_recovery, last_beat


@pytest.fixture
def well(db, published) -> None:
    """An installation in which all is well."""
    ensure_builtin_ca(clock.now())
    beat("sweep", clock.system_now())


def ask():
    response = Client(raise_request_exception=False).get("/healthz")
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    return response.status_code, response.json()


def test_all_is_well(well):
    status, found = ask()
    assert (status, found["status"], found["in_recovery"]) == (200, "ok", False)
    assert found["sweep"]["status"] == "ok"
    assert set(found["crl"]) == {"builtin-root", "builtin-issuing"}
    assert all(0 <= each["age_seconds"] < 60 for each in found["crl"].values())


def test_a_sweep_that_never_ran(well):
    Heartbeat.objects.all().delete()
    status, found = ask()
    assert (status, found["sweep"]["status"]) == (503, "never ran")


def test_a_sweep_that_hangs(well):
    Heartbeat.objects.update(beaten_at=clock.system_now() - timedelta(minutes=5))
    status, found = ask()
    assert (status, found["sweep"]["status"]) == (503, "late")
    assert found["sweep"]["age_seconds"] >= 300


def test_a_list_that_nobody_renewed(well):
    at = clock.now()
    RevocationList.objects.update(this_update=at - timedelta(days=8), next_update=at - timedelta(days=1))
    status, found = ask()
    assert (status, found["crl"]["builtin-issuing"]["status"]) == (503, "stale")


def test_private_authorities_are_told_together_and_without_their_ids(well):
    issuing = Authority.objects.get(role="builtin-issuing")
    for _ in range(2):
        issuing.pk, issuing.public_id, issuing.role = None, Authority().public_id, None
        issuing.save()
    status, found = ask()
    assert (status, found["crl"]["private"]) == (503, {"status": "stale", "age_seconds": None})
    assert "ca_" not in str(found)


def test_recovery_is_told(well):
    begin_recovery(backup_at=clock.system_now(), system_at=clock.system_now())
    assert ask()[1]["in_recovery"] is True


def test_a_database_that_is_down(well, monkeypatch):
    def down(*_):
        raise OperationalError("connection to server at 10.0.0.7 failed: password=secret")

    monkeypatch.setattr("hanaper.faces.status.health._sweep", down)
    assert ask() == (503, {"status": "failing", "database": "unreachable"})


def test_only_get_and_head(well):
    client = Client()
    assert Client(enforce_csrf_checks=True).post("/healthz").status_code == 405
    assert client.head("/healthz").content == b""


def test_a_heartbeat_is_written_now_and_then(db, at):
    beat("sweep", at)
    beat("sweep", at + BEAT_EVERY / 2)
    assert last_beat("sweep") == at
    beat("sweep", at + BEAT_EVERY)
    assert last_beat("sweep") == at + BEAT_EVERY
    # A clock that was set back must not stop the heart.
    beat("sweep", at - timedelta(hours=1))
    assert last_beat("sweep") == at - timedelta(hours=1)
    assert Heartbeat.objects.count() == 1
