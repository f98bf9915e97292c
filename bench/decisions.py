"""How many refund decisions a second one core takes, from JSON facts to JSON decision.

    python -m bench.decisions

A realistic mix of orders: unused ones, certificates in several states, private CAs and gateways, with a
calendar of two years of holidays in the facts. The peer is what such an answer costs whoever gives it:
reading the same facts and writing the same decisions with the standard library's JSON, deciding nothing.
"""

import json
import time
from collections.abc import Callable

from bench.result import Result
from hanaper.core.business_calendar import business_calendar
from hanaper.core.refund import SHIPPED_POLICIES, decide, read_facts, write_calendar
from hanaper.core.refund.reading import as_moment

type Work = list[tuple[bytes, str]]

ROUNDS = 5
DECISIONS = 20_000


def order(product: str, **changes: object) -> dict[str, object]:
    return {
        "id": "ord_2Vh3kqXo7Zt1",
        "product": product,
        "origin": "purchase",
        "placed_at": "2026-03-02T09:00:00Z",
        "paid_at": "2026-03-02T09:05:00Z",
        "currency": "USD",
        "years": 1,
        "combined": False,
        "payments": [{"means": "card", "amount": 9000}, {"means": "coupon", "amount": 1000}],
        "promotion": None,
        "policy": "2024-10-25",
        "zone": "Asia/Shanghai",
        "calendar": write_calendar(business_calendar("CN", [2026, 2027])),
        "refund": None,
    } | changes


def certificate(state: str, number: int = 1, year: int = 1, **changes: object) -> dict[str, object]:
    return {
        "id": f"crt_8Jq{number}{year}",
        "state": state,
        "year": year,
        "series": str(number),
        "publicly_trusted": True,
        "revocation_requested_at": None,
    } | changes


def private_ca(state: str, reset_at: str | None = None) -> dict[str, object]:
    return {"id": "ca_1", "state": state, "reset_at": reset_at, "enabled_intermediates": []}


def gateway(**changes: object) -> dict[str, object]:
    return {
        "id": "gw_1",
        "domains": 1,
        "visits": 0,
        "bytes_out": 0,
        "grcq_included": 300,
        "grcq_used": 0,
        "reset_at": None,
    } | changes


def mix() -> list[dict[str, object]]:
    """Ten orders as they come."""
    ssl = "ssl_certificate"
    return [
        {"order": order(ssl), "certificates": []},
        {"order": order(ssl, zone="UTC"), "certificates": []},
        {"order": order(ssl), "certificates": [certificate("pending_application")]},
        {"order": order(ssl), "certificates": [certificate("issued")]},
        {"order": order(ssl), "certificates": [certificate("revoked"), certificate("validation_failed", 2)]},
        {
            "order": order(ssl, years=3),
            "certificates": [
                certificate("issued", publicly_trusted=False),
                certificate("not_activated", year=2),
                certificate("not_activated", year=3),
            ],
        },
        {
            "order": order(ssl, paid_at="2026-03-02T09:00:01Z", placed_at="2026-01-02T09:00:00Z"),
            "certificates": [],
        },
        {"order": order("private_root_ca"), "ca": private_ca("enabled")},
        {"order": order("https_gateway"), "gateway": gateway()},
        {
            "order": order("https_gateway", policy="2026-03-18"),
            "gateway": gateway(domains=0, grcq_used=100, visits=9, reset_at="2026-03-02T09:30:00Z"),
        },
    ]


def answer(text: bytes, at: str) -> bytes:
    facts = read_facts(json.loads(text))
    return decide(facts, SHIPPED_POLICIES[facts.order.policy], as_moment(at, "", "at")).to_bytes()


def per_second(work: Work, function: Callable[[bytes, str], object]) -> float:
    """The best of some rounds, in process time: what the machine does besides does not count."""
    best = 0.0
    for _ in range(ROUNDS):
        started = time.process_time()
        for text, at in work:
            function(text, at)
        best = max(best, len(work) / (time.process_time() - started))
    return best


def run() -> list[Result]:
    texts = [json.dumps(facts).encode() for facts in mix()]
    moments = ["2026-03-02T10:00:00Z", "2026-03-05T23:59:59Z", "2026-03-20T00:00:00Z"]
    work = [
        (texts[number % len(texts)], moments[number // len(texts) % len(moments)])
        for number in range(DECISIONS)
    ]
    written = {pair: json.loads(answer(*pair)) for pair in set(work)}
    return [
        Result(
            name="refund decisions, JSON to JSON, one core",
            unit="decisions/s",
            ours=per_second(work, answer),
            peer_name="the JSON alone",
            peer=per_second(
                work, lambda text, at: (json.loads(text), json.dumps(written[text, at]).encode())
            ),
        )
    ]


if __name__ == "__main__":
    for result in run():
        print(
            f"{result.name}: {result.ours:,.0f} {result.unit}; {result.peer_name}: {result.peer:,.0f}; "
            f"ratio {result.ratio:.2f}"
        )
