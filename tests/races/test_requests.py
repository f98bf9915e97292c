"""Fifty requests at once at two web processes on PostgreSQL: each thing happens once.

Every race is run a second time with its guard taken away, and must then be lost.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures_card import free_port
from tests.installations import ROOT
from tests.races.guards import LONGEST, Gate

pytestmark = [pytest.mark.postgres, pytest.mark.process]

AT_ONCE = 50
PRODUCT = "hanaper-dv-single-1y"
Lost = (AssertionError, KeyError)


@dataclass(frozen=True, slots=True)
class Service:
    """Two web processes, and a customer with money in the balance.

    With its `guard` whoever comes second waits for the first; without it the second goes on, and has to be
    through before the first does.
    """

    client: httpx.Client
    gate: Gate
    guarded: bool

    def post(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> httpx.Response:
        """Ask until there is an answer: an equal request in flight is one to wait for."""
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            response = self.client.post(path, json=body or {}, headers=headers)
            if response.status_code != 409 or "Retry-After" not in response.headers:
                return response
            time.sleep(0.2)

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.client.get(path, params={"limit": 200}).raise_for_status().json()["items"]
        )
        return found

    def paid_order(self) -> str:
        order = self.post("/orders", {"lines": [{"product": PRODUCT}], "currency": "USD"}).json()["id"]
        paid = self.post(f"/orders/{order}/pay", {"means": [{"means": "balance"}]})
        assert paid.json()["state"] == "paid"
        return str(order)


@contextmanager
def serving(
    installation: dict[str, str], folder: Path, pause: str = "", without: str = ""
) -> Iterator[Service]:
    port = free_port()
    gate = folder / "gate"
    gate.mkdir()
    environment = {
        **os.environ,
        **installation,
        "RACE_PAUSE": pause,
        "RACE_WITHOUT": without,
        "RACE_GATE": str(gate),
        "HANAPER_PORT": str(port),
        "HANAPER_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.races.serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    people = json.loads((Path(installation["HANAPER_DATA"]) / "credentials.json").read_text())
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1",
        headers={"Authorization": f"Bearer {people['customer']['access_key']}"},
        limits=httpx.Limits(max_connections=AT_ONCE),
        timeout=60,
        trust_env=False,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                client.get("/me").raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "the web process does not answer"
                time.sleep(0.1)
        yield Service(client, Gate(gate), not without)
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def at_once(requests: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Every request from a thread of its own, together."""
    barrier = threading.Barrier(len(requests))
    answers: dict[int, httpx.Response] = {}

    def send(index: int) -> None:
        barrier.wait()
        answers[index] = requests[index]()

    threads = [threading.Thread(target=send, args=[index]) for index in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[index] for index in range(len(requests))]


def in_turn(
    service: Service, first: Callable[[], httpx.Response], second: Callable[[], httpx.Response]
) -> list[httpx.Response]:
    """The second comes while the first stands between reading and writing."""
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        service.gate.wait_for(1)
        other = pool.submit(second)
        wait([other], timeout=1 if service.guarded else LONGEST)
        service.gate.open()
        return [one.result(), other.result()]


def one_key_one_order(service: Service) -> None:
    before = len(service.items("/orders"))
    body = {"lines": [{"product": PRODUCT}], "currency": "USD"}
    answers = at_once([lambda: service.post("/orders", body, key="the-same")] * AT_ONCE)
    assert {(one.status_code, one.json().get("id")) for one in answers} == {(201, answers[0].json()["id"])}
    assert len(service.items("/orders")) == before + 1


def one_key_one_refund(service: Service) -> None:
    order = service.paid_order()
    answers = at_once([lambda: service.post(f"/orders/{order}/refunds", key="the-same")] * AT_ONCE)
    assert Counter(one.status_code for one in answers) == {201: AT_ONCE}
    assert len({one.json()["id"] for one in answers}) == 1
    assert [one["order"] for one in service.items("/refunds")].count(order) == 1


def two_keys_one_order(service: Service) -> None:
    order = service.paid_order()
    with ThreadPoolExecutor(1) as pool:
        # One by one through the order's lock; without it both keys are at the gate.
        opened = pool.submit(
            lambda: (service.gate.wait_for(1 if service.guarded else 2), service.gate.open())
        )
        answers = at_once(
            [
                lambda key=f"key-{index % 2}": service.post(f"/orders/{order}/refunds", key=key)
                for index in range(AT_ONCE)
            ]
        )
        opened.result()
    assert Counter(one.status_code for one in answers) == {201: AT_ONCE // 2, 409: AT_ONCE // 2}
    (refund,) = {one.json()["id"] for one in answers if one.status_code == 201}
    refused = [one.json()["error"] for one in answers if one.status_code == 409]
    # D11: whoever comes second is shown the first.
    assert {(one["code"], one["clause"], one["details"]["refund"]) for one in refused} == {
        ("refund_in_progress", "D11", refund)
    }
    assert [one["id"] for one in service.items("/refunds") if one["order"] == order] == [refund]


def refund_or_quota(service: Service) -> None:
    order = service.paid_order()
    refund, use = in_turn(
        service,
        lambda: service.post(f"/orders/{order}/refunds", key="refund"),
        lambda: service.post("/certificates", {"order": order}, key="use"),
    )
    assert refund.status_code == 201
    assert (use.status_code, use.json()["error"]["code"]) == (409, "order_locked")
    assert not [one for one in service.items("/certificates") if one["order"] == order]


def quota_or_refund(service: Service) -> None:
    order = service.paid_order()
    use, refund = in_turn(
        service,
        lambda: service.post("/certificates", {"order": order}, key="use"),
        lambda: service.post(f"/orders/{order}/refunds", key="refund"),
    )
    assert use.status_code == 201
    assert (refund.status_code, refund.json()["error"]["clause"]) == (409, "R10")
    assert not [one for one in service.items("/refunds") if one["order"] == order]


# what is raced, where the first one waits, and the guard
RACES = {
    "one_key_one_order": (one_key_one_order, "", "idempotency"),
    "one_key_one_refund": (one_key_one_refund, "", "idempotency"),
    "two_keys_one_order": (two_keys_one_order, "decided", "row_locks"),
    "refund_or_quota": (refund_or_quota, "decided", "row_locks"),
    "quota_or_refund": (quota_or_refund, "taking", "row_locks"),
}


@pytest.mark.parametrize("race", RACES)
def test_it_happens_once(race: str, installation: dict[str, str], tmp_path: Path) -> None:
    run, pause, _ = RACES[race]
    with serving(installation, tmp_path, pause) as service:
        run(service)


@pytest.mark.parametrize("race", RACES)
def test_and_would_not_without_its_guard(race: str, installation: dict[str, str], tmp_path: Path) -> None:
    run, pause, guard = RACES[race]
    with serving(installation, tmp_path, pause, without=guard) as service, pytest.raises(Lost):
        run(service)
