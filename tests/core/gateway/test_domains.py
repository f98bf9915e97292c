"""Which domain an instance takes, and which certificates are for it."""

import pytest

from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.candidates import covers
from hanaper.core.gateway.domains import cname_of, domain_of


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("WWW.Example.COM", "www.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("shop.test", "shop.test"),
        ("mygateway.test", "mygateway.test"),
    ],
)
def test_in_one_form(given: str, host: str) -> None:
    assert domain_of(given, "gateway.test") == host


@pytest.mark.parametrize(
    "given",
    [
        "*.example.com",
        "localhost",
        "10.0.0.1",
        "",
        "a..b",
        "http://a.b",
        "a b.c",
        None,
        "gateway.test",
        "a.b.gateway.test",
    ],
)
def test_nothing_else_passes(given: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        domain_of(given, "gateway.test")
    assert refused.value.field == "domain"


@pytest.mark.parametrize("given", ["192.0.2.1", "[2001:db8::1]", "1.2.3"])
def test_an_address_is_no_domain(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        domain_of(given, "gateway.test")
    assert refused.value.code == "ip_address" and "certificate" not in refused.value.message
    assert "an instance serves a domain" in refused.value.message


def test_its_own_name() -> None:
    assert cname_of("gwi_abc", "gateway.test") == "gwi-abc.gateway.test"


@pytest.mark.parametrize(
    ("names", "domain", "fits"),
    [
        (["a.test"], "a.test", True),
        (["*.a.test"], "b.a.test", True),
        (["*.a.test"], "a.test", False),
        (["*.a.test"], "c.b.a.test", False),
        (["b.test"], "a.test", False),
        ([], "a.test", False),
    ],
)
def test_covers(names: list[str], domain: str, fits: bool) -> None:
    assert covers(names, domain) is fits
