"""/healthz: 200 only while the database answers, the sweep goes round and the lists are fresh."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from hanaper import clock
from hanaper.apps.authority import keystores
from hanaper.apps.authority.keystores import KeystoreUnavailable
from hanaper.apps.authority.models import Authority, Responder, RevocationList, StoredKey
from hanaper.apps.authority.services import ensure_builtin_ca
from hanaper.apps.authority.sweep import sweep
from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayNode
from hanaper.apps.recovery.models import Heartbeat
from hanaper.apps.recovery.services import BEAT_EVERY, beat, begin_recovery, last_beat
from hanaper.core.gateway.wire import Report
from tests.people import SETUP


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


def test_a_node_that_cannot_do_what_it_is_told(well):
    at, system_at = clock.now(), clock.system_now()
    node, _ = services.join(
        services.make_join_token(SETUP, at=at, system_at=system_at), "one", at=at, system_at=system_at
    )
    assert ask()[0] == 200
    services.report(
        node, Report(applied=1, settled=1, error="nginx refuses it", batches=()), at=at, system_at=system_at
    )
    status, found = ask()
    assert (status, found["gateway_nodes"]) == (503, {"status": "failing", "failing": 1, "left_out": 0})
    GatewayNode.objects.update(retired_at=at)
    assert ask()[0] == 200


def test_private_authorities_are_told_together_and_without_their_ids(well):
    issuing = Authority.objects.get(role="builtin-issuing")
    for _ in range(2):
        issuing.pk, issuing.public_id, issuing.role = None, Authority().public_id, None
        issuing.save()
    status, found = ask()
    assert (status, found["crl"]["private"]) == (503, {"status": "stale", "age_seconds": None})
    assert "ca_" not in str(found)


def test_a_responder_that_nobody_renewed(well):
    at = clock.now()
    Authority.objects.filter(role="builtin-issuing").update(ocsp=True)
    status, found = ask()
    assert (status, found["ocsp"]) == (503, {"builtin-issuing": {"status": "ended", "seconds_left": 0}})
    issuing = Authority.objects.get(role="builtin-issuing")
    Responder.objects.create(
        authority=issuing, key_id="k", certificate=b"x", not_after=at + timedelta(hours=1)
    )
    status, found = ask()
    assert (status, found["ocsp"]["builtin-issuing"]["status"]) == (200, "ok")
    assert 3000 < found["ocsp"]["builtin-issuing"]["seconds_left"] <= 3600


class Token:
    """It answers unless it is away."""

    away = False

    def probe(self) -> None:
        if self.away:
            raise KeystoreUnavailable("The token 'secret name' cannot be used.")

    def made_before(self, _moment):
        return StoredKey.objects.none()


def test_a_token_that_does_not_answer(well, monkeypatch):
    assert ask()[1]["keystores"] == {}
    token, now = Token(), clock.system_now()
    monkeypatch.setitem(keystores._keystores, "pkcs11", token)
    assert (ask()[0], ask()[1]["keystores"]) == (503, {"pkcs11": {"status": "silent", "age_seconds": None}})
    sweep(clock.now(), now)
    status, found = ask()
    assert (status, found["keystores"]["pkcs11"]["status"]) == (200, "ok")
    Heartbeat.objects.filter(name="keystore pkcs11").update(beaten_at=now - timedelta(minutes=5))
    token.away = True
    sweep(clock.now(), now)
    status, found = ask()
    assert (status, found["status"], found["keystores"]["pkcs11"]["status"]) == (503, "failing", "silent")
    assert found["keystores"]["pkcs11"]["age_seconds"] >= 300 and "secret" not in str(found)
    token.away = False
    begin_recovery(backup_at=now, system_at=now)
    sweep(clock.now(), now)
    assert ask()[0] == 200, "in recovery too: it is signed with afterwards"


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
