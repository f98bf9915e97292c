"""The catalogue that comes with the program: `hanaper/apps/catalog/seed/*.toml`."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.catalog.models import Price, Product
from hanaper.core.actor import system

SEED = Path(__file__).parent.parent / "seed"
_COLUMNS = (
    "code", "name", "kind", "brand", "level", "domain_kind", "years", "term_months", "publicly_trusted",
    "needs_id_number", "grcq_included", "certificates_included",
)  # fmt: skip


def seed_catalogue(at: datetime) -> int:
    """Create what is missing of the catalogue that comes with the program; how many products that was.

    A product that exists is left alone, whatever operators made of it and of its prices.
    """
    wanted = list(_products())
    with transaction.atomic():
        known = set(Product.objects.values_list("code", flat=True))
        missing = [(columns, prices) for columns, prices in wanted if columns["code"] not in known]
        if not missing:
            return 0
        made = Product.objects.bulk_create(
            (Product(**columns) for columns, _ in missing), ignore_conflicts=True
        )
        by_code = {
            product.code: product
            for product in Product.objects.filter(code__in=[product.code for product in made])
        }
        Price.objects.bulk_create(
            (
                Price(product=by_code[columns["code"]], currency=currency, amount=amount, valid_from=at)
                for columns, prices in missing
                for currency, amount in prices.items()
            ),
            ignore_conflicts=True,
        )
        codes = [columns["code"] for columns, _ in missing]
        record(system("seed"), AuditAction.CATALOGUE_SEEDED, "catalogue", at=at, after={"products": codes})
    return len(missing)


def _products() -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Every product of the files as its columns and its prices by currency.

    A product with `years = [1, 2, 3]` is one product a year, and its prices are lists in the same order.
    """
    for file in sorted(SEED.glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        common = {key: value for key, value in document.items() if key != "products"}
        for product in document["products"]:
            entry = {**common, **product}
            prices = entry.pop("prices")
            years = entry.pop("years", None)
            unknown = set(entry) - set(_COLUMNS)
            if unknown:
                raise ValueError(f"{file.name}: {entry['code']} has unknown keys {sorted(unknown)}")
            if years is None:
                yield entry, prices
                continue
            for index, number in enumerate(years):
                spoken = {1: "one year", 2: "two years", 3: "three years"}[number]
                columns = {
                    **entry,
                    "code": f"{entry['code']}-{number}y",
                    "name": f"{entry['name']}, {spoken}",
                    "years": number,
                    "term_months": 12 * number,
                }
                yield columns, {currency: amounts[index] for currency, amounts in prices.items()}
