"""How a site may behave: each rule on both sides."""

from typing import Any

import pytest
from pydantic import ValidationError

from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.headers import WRITTEN_NOW
from hanaper.core.rule_faults import faults_of

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
        ({"origins": [{**ORIGIN, "backup": True}]}, "origins"),
        ({"origins": [ORIGIN, {**ORIGIN, "scheme": "https"}]}, "origins"),
        ({"hsts": {"seconds": 100, "preload": True}}, "hsts"),
        ({"response_headers": {"add": {"X-A": "a\r\nX-B: b"}}}, "response_headers.add"),
        ({"response_headers": {"add": {"X A": "b"}}}, "response_headers.add"),
        ({"response_headers": {"add": {"Content-Length": "1"}}}, "response_headers.add"),
        ({"request_headers": {"remove": ["Host"]}}, "request_headers.remove"),
        ({"redirects": [{"path": "a", "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/a", "to": "//evil.example"}]}, "redirects.0.to"),
        ({"redirects": [{"path": "/a", "to": "javascript:alert(1)"}]}, "redirects.0.to"),
        ({"redirects": [{"path": "/a", "to": "/b\r\nX: y"}]}, "redirects.0.to"),
        ({"redirects": [{"path": "/a", "to": "/b"}, {"path": "/a", "to": "/c"}]}, "redirects"),
        ({"cache": {"rules": [{"prefix": "/a", "seconds": 61}]}}, "cache.rules.0.seconds"),
        ({"cache": {"rules": [{"prefix": "a;b", "seconds": 60}]}}, "cache.rules.0.prefix"),
        ({"allow": ["10.0.0.1/8"]}, "allow"),
        ({"deny": ["0.0.0.0/0;}"]}, "deny"),
        ({"deny": ["2606:4700::1%x 0; }\nserver { listen 127.0.0.1:9299; }\ngeo $evil { ::1"]}, "deny"),
        ({"origins": [{"host": "2606:4700::1%x];} evil {"}]}, "origins.0.host"),
        ({"origins": [{"host": "fe80::1%eth0"}]}, "origins.0.host"),
        ({"redirects": [{"path": "/Old", "to": "/b"}, {"path": "/old", "to": "/c"}]}, "redirects"),
        ({"redirects": [{"path": "/%61", "to": "/b"}, {"path": "/a", "to": "/c"}]}, "redirects"),
        ({"redirects": [{"path": "/a?b=c", "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/%00", "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/%ff", "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/" + "a" * 256, "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/a", "to": "/" + "$" * 51}]}, "redirects.0.to"),
        ({"response_headers": {"add": {"X-A": "$" * 51}}}, "response_headers.add"),
        ({"host_header": "a;b"}, "host_header"),
        ({"host_header": "*.foo.test"}, "host_header"),
        ({"origin_ca": "nothing"}, "origin_ca"),
        ({"connect_seconds": 7}, "connect_seconds"),
        ({"unknown": 1}, "unknown"),
        ({"origins": [{**ORIGIN, "port": True}]}, "origins.0.port"),
        ({"origins": [{**ORIGIN, "port": "443"}]}, "origins.0.port"),
        ({"origins": [{**ORIGIN, "weight": 2.0}]}, "origins.0.weight"),
        ({"origins": [{**ORIGIN, "backup": 0}]}, "origins.0.backup"),
        ({"force_https": "yes"}, "force_https"),
        ({"maintenance": 1}, "maintenance"),
        ({"cache": {"rules": [{"prefix": "/a", "seconds": False}]}}, "cache.rules.0.seconds"),
        ({"cache": {"enabled": "on"}}, "cache.enabled"),
        ({"requests_per_second": 5.0}, "requests_per_second"),
        ({"hsts": {"seconds": True}}, "hsts.seconds"),
        ({"health": {"status": "200"}}, "health.status"),
        ({"redirects": [{"path": "/a", "to": "http://["}]}, "redirects.0.to"),
    ],
)
def test_what_does_not(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(**given)
    assert field in {".".join(map(str, one["loc"])) for one in wrong.value.errors()}


@pytest.mark.parametrize("part", ["add", "remove"])
@pytest.mark.parametrize("name", ["Server", "date"])
def test_what_is_in_every_answer_is_neither_set_nor_taken_out(part: str, name: str) -> None:
    """nginx writes them whatever it is told; a site that was kept before this rule is still read."""
    named: Any = {name: "x"} if part == "add" else [name]
    behaviour(response_headers={part: named}, request_headers={part: named})
    with pytest.raises(ValidationError) as wrong:
        Behaviour.model_validate(
            {"origins": [ORIGIN], "response_headers": {part: named}}, context=WRITTEN_NOW
        )
    (fault,) = faults_of(wrong.value, "behaviour")
    assert fault.field == f"behaviour.response_headers.{part}"
    assert fault.message.startswith(f"The gateway writes {name} into every answer itself")


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"request_headers": {"add": {"CDN-Loop": "x"}}}, "request_headers.add", "CDN-Loop is set by the gateway"),
        ({"request_headers": {"remove": ["cdn-loop"]}}, "request_headers.remove", "cdn-loop is set by the gateway"),
        ({"request_headers": {"add": {"Forwarded": "x"}}}, "request_headers.add", "Forwarded is set by the gateway"),
        *(
            ({"response_headers": {part: made(name)}}, f"response_headers.{part}", f"{name} is set by the gateway")
            for name in ("Content-Encoding", "location", "Alt-Svc", "X-Accel-Charset")
            for part, made in (("add", lambda name: {name: "x"}), ("remove", lambda name: [name]))
        ),
        *(
            ({"request_headers": {part: made(name)}}, f"request_headers.{part}", f"{name} is set by the gateway")
            for name in ("Expect", "gateway-loop")
            for part, made in (("add", lambda name: {name: "x"}), ("remove", lambda name: [name]))
        ),
        (
            {"cache": {"rules": [{"prefix": "/a b".replace(" ", sep), "seconds": 60} for sep in ("%20", "%2520", "%20")]}},
            "cache.rules",
            "There are several rules for /a b: keep one",
        ),
        ({"request_headers": {"add": {"Range": "bytes=0-9"}}}, "request_headers.add", "Range asks for a part"),
        ({"request_headers": {"add": {"If-None-Match": "*"}}}, "request_headers.add", "If-None-Match asks for a part"),
        ({"request_headers": {"add": {"X-A": "1"}, "remove": ["x-a"]}}, "request_headers.remove", "x-a is also set"),
        ({"response_headers": {"add": {"X-A": "1", "x-a": "2"}}}, "response_headers.add", "x-a is given twice"),
        ({"request_headers": {"remove": ["X-A", "x-A"]}}, "request_headers.remove", "x-A is given twice"),
        ({"response_headers": {"add": {"X-A": ""}}}, "response_headers.add", "X-A has no value"),
        ({"request_headers": {"add": {"X-A": " "}}}, "request_headers.add", "X-A has no value"),
        *(
            ({"redirects": [{"path": path, "to": "/b"}]}, "redirects.0.path", "No path fits this")
            for path in ("/kb/../c", "/kb/./c", "//", "/a//b", "/a%2F%2fb", "/.", "/a/..", "/%2e%2e/a")
        ),
        *(
            ({"cache": {"rules": [{"prefix": path, "seconds": 60}]}}, "cache.rules.0.prefix", "No path fits this")
            for path in ("/kb/../c", "//", "/a//b", "/./")
        ),
        ({"origins": [ORIGIN, ORIGIN]}, "origins", "Each origin is there once"),
        ({"origins": [ORIGIN, {"host": "ORIGIN.example.", "port": 80, "backup": True}]}, "origins", "Each origin is there once"),
    ],
)  # fmt: skip
def test_what_was_kept_before_a_rule_was_made_is_read(given: dict[str, Any], field: str, said: str) -> None:
    behaviour(**given)
    with pytest.raises(ValidationError) as wrong:
        Behaviour.model_validate({"origins": [ORIGIN], **given}, context=WRITTEN_NOW)
    (fault,) = faults_of(wrong.value, "behaviour")
    assert fault.field == f"behaviour.{field}" and fault.message.startswith(said)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"redirects": [{"path": "/ü", "to": "/b"}]}, "redirects.0.path"),
        ({"redirects": [{"path": "/b", "to": "/ü"}]}, "redirects.0.to"),
        ({"cache": {"rules": [{"prefix": "/ü", "seconds": 60}]}}, "cache.rules.0.prefix"),
        ({"health": {"path": "/ü"}}, "health.path"),
    ],
)
def test_how_to_write_a_path_that_is_not_ascii(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(**given)
    (fault,) = faults_of(wrong.value, "b")
    assert (fault.field, fault.message.endswith("percent-encoded, /%C3%BC")) == (f"b.{field}", True)


def test_every_wrong_network_is_told() -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(deny=["x", "192.0.2.1", "y"])
    assert [one.message[:3] for one in faults_of(wrong.value, "b")] == ["'x'", "'y'"]


def test_an_address_inside_a_network_is_told_which() -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(allow=["192.0.2.7/24", "2001:db8::1/32", "192.0.2.7/33", "fe80::1%eth0/64"])
    said = [one.message.partition(": ")[2] or one.message[-13:] for one in faults_of(wrong.value, "b")]
    assert said == [
        "write 192.0.2.0/24 for all of it.", "write 2001:db8::/32 for all of it.", "192.0.2.0/24.", "192.0.2.0/24.",
    ]  # fmt: skip


def test_ipv4_in_ipv6_is_ipv4() -> None:
    made = behaviour(deny=["::ffff:127.0.0.1", "::ffff:10.0.0.0/104", "::fffe:0:0/95"])
    assert made.deny == ("127.0.0.1/32", "10.0.0.0/8", "::fffe:0:0/95")


def test_every_wrong_header_is_told() -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(
            request_headers={"add": {"Host": "x", "a b": "1", "X-A": "ü", "X-B": "1"}, "remove": ["TE"]}
        )
    assert [(one.field, one.message[:20]) for one in faults_of(wrong.value, "b")] == [
        ("b.request_headers.add", "Host is set by the g"),
        ("b.request_headers.add", "'a b' is no name of "),
        ("b.request_headers.add", "The value of X-A has"),
        ("b.request_headers.remove", "TE is set by the gat"),
    ]


def test_what_is_well_written_now() -> None:
    given = {
        "origins": [ORIGIN, {**ORIGIN, "port": 81}],
        "redirects": [{"path": "/a/b..c/", "to": "/b"}],
        "request_headers": {"remove": ["Range"]},
        "cache": {"rules": [{"prefix": "/.", "seconds": 60}, {"prefix": "/.well-known/", "seconds": 0}]},
    }
    assert Behaviour.model_validate(given, context=WRITTEN_NOW)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"origins": [{"host": "my_origin.example"}]}, "The name of an origin has no underscore"),
        ({"host_header": "192.0.2.1"}, "Write a name here, such as origin.example.com"),
        ({"origins": [{"host": "fe80::1%eth0"}]}, "Write a name here, such as origin.example.com"),
    ],
)
def test_names_of_origins_have_nothing_to_do_with_certificates(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        behaviour(**given)
    (fault,) = faults_of(wrong.value, "behaviour")
    assert fault.message.startswith(said) and "certificate" not in fault.message


@pytest.mark.parametrize(
    "given",
    [
        [],
        None,
        5,
        {"origins": [{"host": 5}]},
        {"origins": {"0": ORIGIN}},
        {"origins": [ORIGIN] * 9},
        {"origins": [[]]},
        {"redirects": [{"path": "/a", "to": "http://["}]},
        {"response_headers": {"add": {"X-A": 1}}},
        {"response_headers": {"add": ["X-A"]}},
        {"response_headers": {"add": {"X-A": "a" * 2000}}},
        {"allow": "10.0.0.0/8"},
        {"exhausted": "explode"},
        {"exhausted": 1},
        {"least_tls": 1.3},
        {"hsts": True},
        {"health": "yes"},
        {"connect_seconds": [5]},
        {"connect_seconds": 10**30},
        {"origins": [{**ORIGIN, "port": 10**30}]},
        {"allow": ["x"] * 600},
        {"origin_ca": {}},
    ],
)
def test_every_fault_is_said_in_our_words(given: Any) -> None:
    whole = {"origins": [ORIGIN], **given} if isinstance(given, dict) else given
    with pytest.raises(ValidationError) as wrong:
        Behaviour.model_validate(whole)
    (fault,) = faults_of(wrong.value, "behaviour")
    assert fault.message.endswith(".") and not {"Input", "Tuple", "should"} & set(fault.message.split())
