"""How a site may behave: each rule on both sides."""

from typing import Any

import pytest
from pydantic import ValidationError

from hanaper.core.gateway.behaviour import Behaviour

ORIGIN = {"host": "origin.example"}


def behaviour(**given: Any) -> Behaviour:
    return Behaviour.model_validate({"origins": [ORIGIN], **given})


def test_defaults_are_those_that_are_right() -> None:
    made = behaviour()
    assert made.force_https and made.verify_origin and made.compression and made.cache.enabled
    assert (made.origins[0].scheme, made.origins[0].asked_port) == ("http", 80)
    assert not made.hsts.seconds  # hard to take back: nobody has it without asking


@pytest.mark.parametrize(
    "given",
    [
        {"origins": [{"host": "10.0.0.1", "port": 8080}, {"host": "::1", "backup": True}]},
        {"hsts": {"seconds": 31_536_000, "subdomains": True, "preload": True}},
        {"response_headers": {"add": {"X-Price": '$5 "only"; \\'}}},
        {"redirects": [{"path": "/a", "to": "/b"}, {"path": "/c", "to": "https://other.example/d?e=$f"}]},
        {"cache": {"rules": [{"prefix": "/static/", "seconds": 86_400}]}},
        {"allow": ["10.0.0.0/8", "2001:db8::/32"], "deny": ["10.1.0.0/16"]},
        {"host_header": "Origin.EXAMPLE"},
    ],
)
def test_what_passes(given: dict[str, Any]) -> None:
    made = behaviour(**given)
    assert Behaviour.model_validate(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"origins": []}, "origins"),
        ({"origins": [{"host": "*.example"}]}, "origins.0.host"),
        ({"origins": [{"host": "a b"}]}, "origins.0.host"),
        ({"origins": [{"host": "a.example", "port": 0}]}, "origins.0.port"),
        ({"origins": [{**ORIGIN, "backup": True}]}, ""),
        ({"origins": [ORIGIN, {**ORIGIN, "scheme": "https"}]}, ""),
        ({"hsts": {"seconds": 100, "preload": True}}, "hsts"),
        ({"response_headers": {"add": {"X-A": "a\r\nX-B: b"}}}, "response_headers"),
        ({"response_headers": {"add": {"X A": "b"}}}, "response_headers"),
        ({"response_headers": {"add": {"Content-Length": "1"}}}, "response_headers"),
        ({"request_headers": {"remove": ["Host"]}}, "request_headers"),
        ({"redirects": [{"path": "a", "to": "/b"}]}, "redirects.0"),
        ({"redirects": [{"path": "/a", "to": "//evil.example"}]}, "redirects.0"),
        ({"redirects": [{"path": "/a", "to": "javascript:alert(1)"}]}, "redirects.0"),
        ({"redirects": [{"path": "/a", "to": "/b\r\nX: y"}]}, "redirects.0"),
        ({"redirects": [{"path": "/a", "to": "/b"}, {"path": "/a", "to": "/c"}]}, ""),
        ({"cache": {"rules": [{"prefix": "/a", "seconds": 61}]}}, "cache.rules.0.seconds"),
        ({"cache": {"rules": [{"prefix": "a;b", "seconds": 60}]}}, "cache.rules.0.prefix"),
        ({"allow": ["10.0.0.1/8"]}, "allow"),
        ({"deny": ["0.0.0.0/0;}"]}, "deny"),
        ({"deny": ["2606:4700::1%x 0; }\nserver { listen 127.0.0.1:9299; }\ngeo $evil { ::1"]}, "deny"),
        ({"origins": [{"host": "2606:4700::1%x];} evil {"}]}, "origins.0.host"),
        ({"origins": [{"host": "fe80::1%eth0"}]}, "origins.0.host"),
        ({"redirects": [{"path": "/Old", "to": "/b"}, {"path": "/old", "to": "/c"}]}, ""),
        ({"redirects": [{"path": "/%61", "to": "/b"}, {"path": "/a", "to": "/c"}]}, ""),
        ({"redirects": [{"path": "/a?b=c", "to": "/b"}]}, "redirects.0"),
        ({"redirects": [{"path": "/%00", "to": "/b"}]}, "redirects.0"),
        ({"redirects": [{"path": "/%ff", "to": "/b"}]}, "redirects.0"),
        ({"redirects": [{"path": "/" + "a" * 256, "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/a", "to": "/" + "$" * 51}]}, "redirects.0"),
        ({"response_headers": {"add": {"X-A": "$" * 51}}}, "response_headers"),
        ({"host_header": "a;b"}, "host_header"),
        ({"host_header": "*.foo.test"}, "host_header"),
        ({"origin_ca": "nothing"}, "origin_ca"),
        ({"connect_seconds": 7}, "connect_seconds"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_does_not(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(**given)
    assert field in {".".join(map(str, one["loc"])) for one in wrong.value.errors()}
