"""Whatever an owner writes, the configuration is one that nginx takes, and says what was written."""

import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.gateway_node.engines import EngineError
from hanaper.gateway_node.engines.nginx import running
from hanaper.gateway_node.engines.nginx.pieces import Pieces
from hanaper.gateway_node.engines.nginx.quoting import key, pattern, quoted
from hanaper.gateway_node.engines.nginx.rendering import MOST_ALONE, Machine, render
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.sites import a_pair, a_site

NASTY = st.text(alphabet="$\"\\{};#~' " + string.ascii_letters + "/", max_size=30)
PATHS = st.text(alphabet="$\"\\{};~'/" + string.ascii_letters, max_size=30).map(lambda text: "/" + text)
BEHAVIOURS = st.fixed_dictionaries(
    {
        "response_headers": st.fixed_dictionaries({"add": st.dictionaries(st.sampled_from(["X-A", "X-B"]), NASTY)}),
        "request_headers": st.fixed_dictionaries({"add": st.dictionaries(st.sampled_from(["X-C", "x-a"]), NASTY)}),
        "redirects": st.lists(st.fixed_dictionaries({"path": PATHS, "to": PATHS}), max_size=3, unique_by=lambda r: r["path"].lower())
        .map(lambda rows: [row for row in rows if not row["to"].startswith("//")]),
        "cache": st.fixed_dictionaries(
            {"rules": st.lists(st.fixed_dictionaries({"prefix": PATHS, "seconds": st.sampled_from([0, 60])}), max_size=3)}
        ),
        "allow": st.sampled_from([[], ["10.0.0.0/8"]]),
        "requests_per_second": st.sampled_from([None, 5]),
        "least_tls": st.sampled_from(["1.2", "1.3"]),
    }
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=BEHAVIOURS, second=BEHAVIOURS)
def test_nginx_takes_whatever_passed_the_rules(nginx: Nginx, first: Any, second: Any) -> None:
    snapshot = Snapshot(
        version=1, sites=(a_site("gwi_a", "a.test", 1, **first), a_site("gwi_b", "b.test", 2, **second))
    )
    pairs = {site.certificate: a_pair(site.domain) for site in snapshot.sites}
    nginx.apply(snapshot, pairs)  # EngineError if nginx refuses it


LONGEST_NAMES = [f"{letter}{'-' * 63}"[:62] + "xy" for letter in "abc"]
LONGEST_VALUE = "$" * 50 + '"\\' * 487


def test_nginx_takes_everything_at_its_limit(nginx: Nginx) -> None:
    """One site that nginx refuses would hold up everybody's changes."""
    long = "/" + '"' * 255
    site = a_site(
        "gwi_" + "x" * 26, "a." + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + ".test", 1,
        response_headers={
            "add": {"Content-Security-Policy-Report-Only": "default-src 'self'"}
            | dict.fromkeys(LONGEST_NAMES, LONGEST_VALUE),
            "remove": [name[:-1] + "z" for name in LONGEST_NAMES],
        },
        request_headers={"add": dict.fromkeys(LONGEST_NAMES, LONGEST_VALUE), "remove": ["x" * 64]},
        redirects=[{"path": long, "to": "/" + LONGEST_VALUE[:1023]}, {"path": "/caf%C3%A9", "to": "/x"}],
        cache={"rules": [{"prefix": long, "seconds": 60}, {"prefix": "/%E2%80%94/", "seconds": 60}]},
        allow=[f"2001:db8:{number:x}::/48" for number in range(500)],
    )  # fmt: skip
    nginx.apply(Snapshot(version=1, sites=(site,)), {site.certificate: a_pair("a.test")})


def rendered(sites: tuple[Site, ...], machine: Machine, busiest: tuple[str, ...] = ()) -> str:
    return render(Snapshot(version=1, sites=sites), machine, Pieces("certificates"), busiest)


def test_nothing_to_serve(nginx: Nginx) -> None:
    nginx.apply(Snapshot(version=3, sites=()), {})
    assert nginx.applied() == 3


def test_the_same_for_the_same(machine: Machine) -> None:
    sites = (a_site("gwi_b", "b.test", 1), a_site("gwi_a", "a.test", 2))
    assert rendered(sites, machine) == rendered(sites[::-1], machine)


def test_domains_are_rows(machine: Machine) -> None:
    def blocks(count: int) -> int:
        sites = tuple(a_site(f"gwi_{number}", f"s{number}.test", 1) for number in range(count))
        return rendered(sites, machine).count("server {")

    assert blocks(MOST_ALONE + 1) == blocks(200)


def test_the_busiest_stand_alone(machine: Machine) -> None:
    sites = tuple(a_site(f"gwi_{number}", f"s{number}.test", 1) for number in range(100))
    text = rendered(sites, machine, ("gwi_77", "gwi_99"))
    passed = dict.fromkeys(re.findall(r"proxy_pass http://(?:o_)?(gwi_\d+|\$\w+)", text))
    assert list(passed)[:3] == ["$gw_upstream", "gwi_77", "gwi_99"]
    assert re.search(r'server_name "s77.test";', text) and text.count('"s77.test"') == 1 + 3  # its rows
    named = dict.fromkeys(re.findall(r"ssl_certificate_key (.+);", text))
    assert list(named)[:3] == [
        "$gw_certificate",
        '"certificates/gwi_77-1.pem"',
        '"certificates/gwi_99-1.pem"',
    ]


@pytest.mark.parametrize(
    ("write", "value"),
    [(quoted, "a\nb"), (quoted, "\0"), (key, "~a"), (key, "\\a"), (key, "a\tb"), (pattern, "\r")],
)
def test_what_no_configuration_holds(write: Any, value: str) -> None:
    with pytest.raises(ValueError):
        write(value)


def test_the_static_files_are_in_the_package(nginx: Nginx, tmp_path: Path) -> None:
    nginx.apply(Snapshot(version=1, sites=()), {})
    written = {path.name for path in (tmp_path / "nginx" / "generations" / "1").iterdir()}
    assert written == {"nginx.conf", "common.conf", "passing.conf", "compression.conf", "pages.conf"}


def test_a_configuration_that_nginx_refuses_changes_nothing(
    nginx: Nginx, serve: Any, monkeypatch: Any
) -> None:
    serve(a_site("gwi_a", "a.test", 1))
    before = sorted(path.name for path in (nginx.folder / "generations").iterdir())
    monkeypatch.setattr(running, "render", lambda *_: "nonsense;")
    with pytest.raises(EngineError, match="nonsense"):
        serve(a_site("gwi_b", "b.test", 1))
    after = sorted(path.name for path in (nginx.folder / "generations").iterdir())
    assert (before, nginx.applied()) == (after, 1)
