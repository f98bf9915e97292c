"""Private certificates a second over REST, stored and durable, beside `cfssl serve` with its database on, and django-ca.

All sign CSRs of the same kind and keep what they signed, on SQLite, four clients at a time, one after the other
in one run. Ours also takes a quota under the order's lock, judges names by template and by the constraints of
every CA above, lints, keeps the intention before the signature, and writes search index and audit log.
django-ca answers with an order; that its certificate must be asked for is not counted against it. Neither
peer takes a table, so a table of ours stands beside what they do one by one.
"""

import json
import shutil
import sqlite3
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from bench import django_ca
from bench.issuance import COUNT, DOMAIN, cfssl, csr, together
from bench.result import Result
from hanaper.demo.stage import Stage
from hanaper.sandbox_card.cards import BY_NAME


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        one, table = _ours(Path(folder))
        peers = {
            "cfssl serve": cfssl(Path(folder)) if shutil.which("cfssl") else None,
            django_ca.NAME: _django_ca(Path(folder)) if django_ca.installed() else None,
        }
    name = "private certificates"
    return [
        Result(f"{name} {how}", "certificates/s", ours, peer, rate)
        for how, ours in (
            ("issued over REST from a CSR", one),
            ("issued in the background from a table", table),
        )
        for peer, rate in peers.items()
    ]


def _ours(folder: Path) -> tuple[float, float]:
    """One by one over REST, and from a table."""
    stage = Stage(folder)
    stage.environment["HANAPER_RATE_LIMIT"] = "1000000"
    try:
        stage.start()
        people = json.loads((folder / "data" / "credentials.json").read_text())
        headers = {"Authorization": f"Bearer {people['customer']['access_key']}"}
        client = httpx.Client(
            base_url=f"{stage.address}/api/v1", headers=headers, timeout=60, trust_env=False
        )

        def post(path: str, body: dict[str, object]) -> dict[str, Any]:
            answer = client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found

        order = post("/orders", {"lines": [{"product": "private-root-ca"}], "currency": "USD"})["id"]
        card = {"number": BY_NAME["success"].number, "expiry": "12/30"}
        post(f"/orders/{order}/pay", {"means": [{"means": "card", "card": card}]})
        ids: dict[str, str] = {}

        def bought() -> bool:
            ids.update({ca["kind"]: ca["id"] for ca in client.get("/private-cas").json()["items"]})
            return len(ids) == 2

        stage.wait_until(bought, 60, "the private CA")
        for kind in ("root", "intermediate"):
            post(f"/private-cas/{ids[kind]}/enable", {"subject": {"common_name": f"Bench {kind}"}})
        ca = f"/private-cas/{ids['intermediate']}"

        def issue(request: str) -> None:
            post(f"{ca}/certificates", {"template": "server", "csr": request})

        def issued() -> int:
            with sqlite3.connect(folder / "data" / "hanaper.sqlite3", timeout=20) as database:
                query = "SELECT count(*) FROM private_ca_privatecertificate WHERE state = 'issued'"
                return int(database.execute(query).fetchone()[0])

        issue(csr())  # the full linter sees this shape once
        requests = [csr() for _ in range(COUNT)]
        began = time.perf_counter()
        together(issue, requests)
        one = COUNT / (time.perf_counter() - began)
        rows = "".join(f'"{csr()}"\n' for _ in range(COUNT))
        began = time.perf_counter()
        post(f"{ca}/batches", {"csv": f"csr\n{rows}", "template": "server"})
        stage.wait_until(lambda: issued() == 2 * COUNT + 1, 300, "every certificate of the table")
        return one, COUNT / (time.perf_counter() - began)
    finally:
        stage.stop()


def _django_ca(folder: Path) -> float:
    project = django_ca.Project(folder / "django-ca")
    with project.serving() as client:
        django_ca.sign(client, csr(), DOMAIN)
        requests = [csr() for _ in range(COUNT)]
        began = time.perf_counter()
        together(lambda request: django_ca.sign(client, request, DOMAIN), requests)
        took = time.perf_counter() - began
    with sqlite3.connect(project.database) as database:
        query = "SELECT count(certificate_id) FROM django_ca_certificateorder WHERE status = 'issued'"
        stored = int(database.execute(query).fetchone()[0])
    assert stored == COUNT + 1, stored
    return COUNT / took
