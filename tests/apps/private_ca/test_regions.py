"""A private CA is where its order says; other orders are nowhere."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import InvalidInput
from tests.apps.private_ca.conftest import enable
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_regions(settings: Any) -> None:
    settings.REGIONS = ["frankfurt", "singapore"]


def placed(person: Person, product: str, region: str, at: datetime) -> Order:
    lines = [LineDraft(product)]
    return orders.place_order(
        person.actor, account=person.account, lines=lines, currency="USD", region=region, at=at
    )


@pytest.mark.parametrize(("wanted", "region"), [("singapore", "singapore"), ("", "frankfurt")])
def test_a_root_and_its_intermediate_are_where_they_were_ordered(
    owner: Person, catalogue: None, published: Path, at: datetime, wanted: str, region: str
) -> None:
    order = buy(owner, "private-root-ca", region=wanted, at=at)
    assert order.region == region
    assert set(PrivateCA.objects.filter(order=order).values_list("region", flat=True)) == {region}
    root = PrivateCA.objects.get(order=order, kind="root")
    assert enable(owner, root, at).region == region


@pytest.mark.parametrize(
    ("product", "region", "code"),
    [
        ("private-root-ca", "atlantis", "unknown_region"),
        ("private-intermediate-ca", "Frankfurt", "unknown_region"),
        ("hanaper-dv-single-1y", "frankfurt", "no_region"),
    ],
)
def test_nowhere_else(
    owner: Person, catalogue: None, at: datetime, product: str, region: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as met:
        placed(owner, product, region, at)
    assert (met.value.faults[0].field, met.value.faults[0].code) == ("region", code)
    assert not Order.objects.exists()
