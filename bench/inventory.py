"""Private certificates over REST with a thousand and with a million of one account, in one run.

The "peer" is the same request with a thousand: a ratio of 0.67 is half as long again. One root with its
intermediate and two certificates are made through the services; the others are copies of their rows, in
every state, of two templates, with ends from last year to next year.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from typing import Any

from bench.pages import FEW, MANY, ROUNDS, Copies
from bench.result import Result

SERIAL, FINGERPRINT = f"{7:040X}", f"{7:064x}"
LIST = "private-certificates?limit=50"
REQUESTS = (
    LIST,
    f"{LIST}&sort=not_after",
    f"{LIST}&state=issued",
    f"{LIST}&state=issued&sort=not_after",
    f"{LIST}&state=revoked",
    f"{LIST}&state=held",
    f"{LIST}&template=device",
    f"{LIST}&ca={{ca}}",
    f"{LIST}&expiring_before={{soon}}&sort=not_after",
    f"{LIST}&search=shop9",
    f"{LIST}&search=shop777.ex",
    f"{LIST}&search=com",
    f"{LIST}&search=nowhere",
    f"{LIST}&search={SERIAL}",
    f"{LIST}&search={FINGERPRINT}",
    "private-cas/{ca}/statistics?by=day",
    "private-cas/{ca}/statistics?by=month",
)
NEXT = "the page after"
EXPORT = "private-certificates.csv"


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="hanaper-bench-") as folder:
        environment = {
            **os.environ,
            "HANAPER_DATA": folder,
            "HANAPER_LOG_LEVEL": "ERROR",
            "HANAPER_RATE_LIMIT": "1000000",
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        }
        for module in ("hanaper.processes.prepare", "bench.inventory"):
            done = subprocess.run(
                [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, check=True
            )
        few, many = json.loads(done.stdout.splitlines()[-1])
    return [
        Result(
            f"{name.removeprefix(LIST + '&')}: {many[name]['queries']:.0f} queries, {1000 / figure['per_second']:.1f} ms",
            "rows/s" if name == EXPORT else "requests/s with a million",
            figure["per_second"],
            "with a thousand",
            few[name]["per_second"],
        )
        for name, figure in many.items()
    ]


def measure(client: Any, ca: str, soon: str) -> dict[str, dict[str, float]]:
    """Requests a second (by the median) and queries of each; of the export rows a second."""
    found: dict[str, dict[str, float]] = {}
    for request in REQUESTS:
        address = request.format(ca=ca, soon=soon)
        found[request] = _one(client, address)
        following = client.get(f"/api/v1/{address}").json().get("next_cursor")
        if request == LIST and following:
            found[f"{LIST}&{NEXT}"] = _one(client, f"{address}&cursor={following}")
    began = time.perf_counter()
    lines = sum(part.count(b"\n") for part in client.get(f"/api/v1/{EXPORT}").streaming_content)
    found[EXPORT] = {"per_second": lines / (time.perf_counter() - began), "queries": lines / 1000}
    return found


def _one(client: Any, address: str) -> dict[str, float]:
    from django.db import connection

    asked: list[str] = []

    def noted(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(noted):
        answer = client.get(f"/api/v1/{address}")
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.content!r}")
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        client.get(f"/api/v1/{address}")
        took.append(time.perf_counter() - began)
    return {"per_second": 1 / statistics.median(took), "queries": len(asked)}


def tables_of(certificate: Any, names: list[Any]) -> dict[str, tuple[int, dict[str, str]]]:
    """As `bench.pages_stock.tables_of_one_order` does it."""
    identity = f"{1_000_000 + certificate.pk} + n"
    day = "strftime('%Y-%m-%d %H:%M:%f', t.created_at, '{} days', '-' || (n % 1440) || ' minutes')"
    later = day.format("' || (n % 730 - 365) || '")
    certificates = {
        "id": identity,
        "public_id": "'pct_' || printf('%024d', n)",
        "serial": "printf('%040X', n)",
        "fingerprint": "printf('%064x', n)",
        "names": "'{\"dns\": [\"shop' || n || '.example.com\"]}'",
        "template": "CASE n % 100 WHEN 0 THEN 'device' ELSE t.template END",
        "not_after": later,
        "created_at": day.format("-' || (n % 400) || '"),
        "state": "CASE WHEN n % 10 = 0 THEN 'revoked' WHEN n % 1000 = 7 THEN 'held'"
        " WHEN n % 730 < 365 THEN 'expired' ELSE 'issued' END",
        "key_id": "NULL",
        "notice_at": "NULL",
    }
    endings = ("'shop' || n || '.example.com'", "'example.com'", "'com'")
    return {
        "private_ca_privatecertificate": (certificate.pk, certificates),
        **{
            f"private_ca_privatename {ending}": (
                names[0].pk,
                {"id": f"{number}0000000 + n", "certificate_id": identity, "ending": ending},
            )
            for number, ending in enumerate(endings, start=1)
        },
    }


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from hanaper import clock
    from hanaper.apps.accounts.models import Membership
    from hanaper.apps.accounts.services import create_access_key
    from hanaper.apps.catalog.quotes import LineDraft
    from hanaper.apps.orders import services as orders
    from hanaper.apps.payments.services import MeansChoice
    from hanaper.apps.payments.vocabulary import Means
    from hanaper.apps.private_ca import services
    from hanaper.apps.private_ca.models.cas import PrivateCA
    from hanaper.apps.private_ca.models.certificates import PrivateName
    from hanaper.apps.private_ca.settings import CaSettings
    from hanaper.core.actor import AccountRole, Actor, ActorKind
    from hanaper.core.x509.names import Subject

    settings.ALLOWED_HOSTS = ["*"]
    member = Membership.objects.select_related("account", "user").get(user__email="owner@example.com")
    actor = Actor(
        ActorKind.CUSTOMER,
        member.user.email,
        account_id=member.account_id,
        account_role=AccountRole.OWNER,
        user_id=member.user_id,
    )
    at = clock.now()
    lines = [LineDraft("private-root-ca", 1)]
    order = orders.place_order(actor, account=member.account, lines=lines, currency="USD", at=at)
    orders.pay_order(actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
    for ca in PrivateCA.objects.filter(order=order).order_by("pk"):
        given = CaSettings(subject=Subject(common_name=f"Bench {ca.kind}"))
        issuing = services.enable_ca(actor, ca, given, at=at)
    wanted = services.Request("server", names={"dns": ["www.shop.test"]})
    certificate = services.issue(actor, issuing, wanted, at=at)
    tables = tables_of(certificate, list(PrivateName.objects.filter(certificate=certificate)))
    _, secret = create_access_key(actor, name="bench", account=member.account, at=at)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    soon = (at + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    copies, measured = Copies(), []
    for number in (FEW, MANY):
        copies.make(tables, number - copies.made)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        measured.append(measure(client, issuing.public_id, soon))
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
