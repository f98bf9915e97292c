"""Pages of the console with a thousand and with a million orders of one account, in one run.

The "peer" is the same page with a thousand: a ratio of 0.67 is half as long again, which is the most allowed.
One real order with its certificate is bought through the services; the others are copies of its rows.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.result import Result

FEW, MANY = 1_000, 1_000_000
ROUNDS = 15
PAGES = (
    "overview/", "orders/", "orders/?state=paid", "certificates/", "certificates/?search=shop9", "certificates/?search=shop777.ex",
    "certificates/?search=com", "certificates/?search=nowhere", "balance/", "notices/",
)  # fmt: skip
OF_OPERATORS = (
    "queue/",
    "orders/",
    "certificates/",
    "refunds/",
    "ledger/",
    "audit/",
    "search/?q=shop777.ex",
    "search/?q=com",
)


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        environment = {
            **os.environ,
            "HANAPER_DATA": folder,
            "HANAPER_LOG_LEVEL": "ERROR",
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        }
        for module in ("hanaper.processes.prepare", "bench.pages"):
            done = subprocess.run(
                [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, check=True
            )
        measured = json.loads(done.stdout.splitlines()[-1])
    return [
        Result(
            f"{page}: {many['queries']} queries, {many['milliseconds']:.0f} ms",
            "pages/s with a million",
            1000 / many["milliseconds"],
            "with a thousand",
            1000 / measured["few"][page]["milliseconds"],
        )
        for page, many in measured["many"].items()
    ]


def measure(clients: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Milliseconds (the median) and queries of each page."""
    from django.db import connection

    found = {}
    for place, client, pages in clients.values():
        for page in pages:
            address = f"/{place}/{page}"
            asked: list[str] = []

            def noted(execute: Any, sql: str, *rest: Any, asked: list[str] = asked) -> Any:
                asked.append(sql)
                return execute(sql, *rest)

            with connection.execute_wrapper(noted):
                assert client.get(address).status_code == 200, address
            took = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                client.get(address)
                took.append((time.perf_counter() - began) * 1000)
            name = page if place != "operator" else f"operator: {page}"
            found[name] = {"milliseconds": statistics.median(took), "queries": len(asked)}
    return found


class Copies:
    """Copies of rows, by SQL: `count` more of each, with ids of their own."""

    def __init__(self) -> None:
        self.made = 0

    def make(self, tables: dict[str, tuple[int, dict[str, str]]], count: int) -> None:
        """`tables`: the pk of the row to copy, and columns as expressions of `n`."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for name, (pk, changed) in tables.items():
                table = name.split()[0]
                columns = [
                    column.name for column in connection.introspection.get_table_description(cursor, table)
                ]
                chosen = ", ".join(changed.get(column, f't."{column}"') for column in columns)
                names = ", ".join(f'"{column}"' for column in columns)
                cursor.execute(
                    f"WITH RECURSIVE numbers(n) AS (SELECT {self.made + 1} UNION ALL SELECT n + 1 FROM numbers"
                    f" WHERE n < {self.made + count}) INSERT INTO {table} ({names})"
                    f" SELECT {chosen} FROM numbers CROSS JOIN {table} t WHERE t.id = {pk}"
                )
        self.made += count


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from bench.pages_stock import tables_of_one_order
    from hanaper.apps.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    tables, account = tables_of_one_order()
    clients = {}
    for email, place, pages in (
        ("owner@example.com", f"a/{account.public_id}", PAGES),
        ("administrator@hanaper.example", "operator", OF_OPERATORS),
    ):
        client = Client()
        client.force_login(User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
        clients[email] = (place, client, pages)
    copies, measured = Copies(), {}
    for name, number in (("few", FEW), ("many", MANY)):
        copies.make(tables, number - copies.made)
        measured[name] = measure(clients)
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
