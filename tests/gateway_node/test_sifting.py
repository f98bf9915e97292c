"""Which sites an engine takes, of many that it does not take together."""

from collections.abc import Iterable

import pytest

from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.gateway_node import sifting
from hanaper.gateway_node.engines import EngineError
from hanaper.gateway_node.sifting import UNTRIED, sift
from tests.gateway_node.sites import a_site


def snapshot(*sites: Site) -> Snapshot:
    return Snapshot(version=1, sites=sites)


def named(*ports: int) -> tuple[Site, ...]:
    return tuple(a_site(f"gwi_{number}", f"{number}.test", port) for number, port in enumerate(ports))


def by_instance(sites: Iterable[Site]) -> dict[str, Site]:
    return {site.instance: site for site in sites}


class Engine:
    """Takes no odd ports."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, tried: Snapshot) -> str:
        self.tries += 1
        odd = [site.instance for site in tried.sites if site.servers[0].port % 2]
        return f"odd: {odd[0]}" if odd else ""


def test_few_tries_find_it_among_many() -> None:
    engine, sites = Engine(), named(*[2] * 700, 3, *[2] * 300)
    assert sift(snapshot(*sites), "odd", {}, engine) == {"gwi_700": ("odd: gwi_700", None)}
    assert engine.tries <= 22


def test_only_what_changed_is_tried() -> None:
    before, engine = by_instance(named(*[2] * 1000)), Engine()
    sites = before | {"gwi_5": a_site("gwi_5", "5.test", 5), "gwi_6": a_site("gwi_6", "6.test", 6)}
    found = sift(snapshot(*sites.values()), "odd", before, engine)
    assert found == {"gwi_5": ("odd: gwi_5", before["gwi_5"])} and engine.tries <= 3


def test_no_more_tries_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "MOST_TRIES", 20)
    engine = Engine()
    found = sift(snapshot(*named(*[3] * 100)), "odd", {}, engine)
    assert engine.tries <= 20 and len(found) == 100
    assert ("odd: gwi_0", None) in found.values() and (UNTRIED, None) in found.values()


def test_those_known_to_be_refused_are_tried_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "MOST_TRIES", 8)
    sites = named(*[3] * 60, *[2] * 60)
    found = sift(snapshot(*sites), "odd", {}, Engine(), suspects=[f"gwi_{number}" for number in range(60)])
    assert not any(f"gwi_{number}" in found for number in range(60, 120))


def test_what_was_served_and_is_refused_now_goes_alone() -> None:
    before = by_instance(named(2, 3, 2, 2))
    found = sift(snapshot(*named(4, 3, 2, 3)), "odd", before, Engine())
    assert found == {"gwi_1": ("odd: gwi_1", None), "gwi_3": ("odd: gwi_3", before["gwi_3"])}


@pytest.mark.parametrize("ports", [(), (3, 3, 2)])
def test_no_site_is_to_blame_where_nothing_or_hardly_any_goes(ports: tuple[int, ...]) -> None:
    sites = named(*ports)
    engine = Engine() if ports else lambda _: "no space left"
    with pytest.raises(EngineError):
        sift(snapshot(*sites), "odd", by_instance(sites), engine)
