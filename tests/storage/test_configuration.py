"""A wrong value stops the start and says which variable, what was wrong and what would be right."""

from collections.abc import Callable
from typing import Any

import pytest

from hanaper.storage import configuration
from hanaper.storage.configuration import ConfigurationError

NAME = "HANAPER_TRIED"


def number(name: str) -> int:
    return configuration.number(name, 8000, 1, 65535)


def choice(name: str) -> str:
    return configuration.choice(name, "sandbox", ("sandbox", "production"))


def url(name: str) -> str:
    return configuration.url(name, "http://127.0.0.1:8000")


def zone(name: str) -> str:
    return configuration.zone(name, "gateway.test")


@pytest.mark.parametrize(
    ("parse", "value", "meant"),
    [
        (number, " 80 ", 80),
        (choice, "production", "production"),
        (url, "https://certificates.example.org/", "https://certificates.example.org"),
        (configuration.listing, "a, b,,", ["a", "b"]),
        (configuration.networks, "10.0.0.5, 192.0.2.0/24, 2001:db8::/32", ["10.0.0.5", "192.0.2.0/24", "2001:db8::/32"]),
        (configuration.networks, "", []),
        (zone, " Gateway.Example.org. ", "gateway.example.org"),
    ],
)  # fmt: skip
def test_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, parse: Callable[[str], Any], value: str, meant: object
) -> None:
    monkeypatch.setenv(NAME, value)
    assert parse(NAME) == meant


@pytest.mark.parametrize(
    ("parse", "value", "told"),
    [
        (number, "many", "whole number"),
        (number, "", "whole number"),
        (number, "1.5", "whole number"),
        (number, "0", "between 1 and 65535"),
        (number, "65536", "between 1 and 65535"),
        (choice, "Sandbox", "one of sandbox, production"),
        (url, "certificates.example.org", "must be an address"),
        (url, "ftp://example.org", "must be an address"),
        (url, "https://example.org/path", "must be an address"),
        (url, "https://example.org?query", "must be an address"),
        (configuration.networks, "proxy.example.org", "'proxy.example.org'"),
        (configuration.networks, "10.0.0.5/24", "has host bits set"),
        (zone, "", "must be a zone such as"),
        (zone, "https://gateway.example.org", "must be a zone such as"),
        (zone, "gateway..example.org", "must be a zone such as"),
        (zone, "*.gateway.example.org", "must be a zone such as"),
        (zone, "a." * 101, "must be a zone such as"),
    ],
)
def test_what_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, parse: Callable[[str], Any], value: str, told: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ConfigurationError, match=NAME) as raised:
        parse(NAME)
    assert told in str(raised.value)
