"""What tests of the gateway's pages share: somebody signed in, an instance, and one whose domain is served."""

from datetime import datetime

import pytest

from hanaper import clock
from hanaper.apps.gateway.models import GatewayInstance, UsageHour
from hanaper.core.gateway.grcq import grcq
from tests.apps.gateway.conftest import *  # noqa: F403 - its fixtures
from tests.faces.console.private import client, page, text  # noqa: F401 - for whoever takes them from here
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.shop import *  # noqa: F403 - its fixtures

SECONDS_AN_HOUR = 3600


@pytest.fixture
def at() -> datetime:
    """Pages read the clock: what they show is bought now."""
    return clock.now()


def served_at(instance: GatewayInstance, moment: datetime, *, visits: int, bytes_out: int) -> None:
    """Count so many visits in the hour of a moment."""
    UsageHour.objects.create(
        instance=instance, hour=int(moment.timestamp()) // SECONDS_AN_HOUR, visits=visits, bytes_out=bytes_out,
        grcq=grcq(visits, bytes_out), requests=visits, cache_hits=visits // 2, codes={"200": visits},
        paths={"/index.html": (visits, bytes_out)},
    )  # fmt: skip
