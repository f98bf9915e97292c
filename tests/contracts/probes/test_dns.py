"""The DNS probe against a real name server."""

import json

import pytest

from hanaper.apps.probes import Question
from hanaper.apps.probes.dns import DnsProbe
from hanaper.storage.resolving import resolver

QUESTION = Question("shop.example.test", "a-token", "chk_1")
PLACE = "_hanaper-challenge.shop.example.test"


def look(name_server):
    answer = DnsProbe([name_server.address]).look(QUESTION)
    json.dumps(dict(answer.seen))
    assert answer.seen["place"] == PLACE
    assert (answer.seen["problem"] is None) == answer.passed
    return answer


def test_the_token_passes_among_others(name_server):
    name_server.records[(PLACE, "TXT")] = ["something", "a-token"]
    assert look(name_server).passed
    assert name_server.queries == [(PLACE, "TXT")]


@pytest.mark.parametrize("value", ["a-token2", "A-TOKEN", " a-token", "a-toke", "b" * 250])
def test_something_else_does_not(name_server, value):
    name_server.records[(PLACE, "TXT")] = [value]
    answer = look(name_server)
    assert answer.seen["problem"] == "wrong_value"
    assert answer.seen["found"] == [value[:200]]


def test_no_name_and_no_record_are_told_apart(name_server):
    assert look(name_server).seen["problem"] == "no_such_name"
    name_server.records[(PLACE, "A")] = ["192.0.2.1"]
    assert look(name_server).seen["problem"] == "no_txt_record"


def test_the_record_of_the_name_itself_does_not_count(name_server):
    name_server.records[("shop.example.test", "TXT")] = ["a-token"]
    assert not look(name_server).passed


def test_a_silent_name_server_is_a_timeout(name_server, monkeypatch):
    monkeypatch.setattr("hanaper.apps.probes.dns.SECONDS", 0.3)
    name_server.answer = lambda data: None
    assert look(name_server).seen["problem"] == "timeout"


def test_what_is_shown_fits_the_database(name_server):
    name_server.records[(PLACE, "TXT")] = [r"\000\255"]
    assert look(name_server).seen["found"] == ["\ufffd\\xff"]


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("127.0.0.1:5353", "127.0.0.1", 5353),
        ("2001:db8::53", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
        ("::1", "::1", 53),
    ],
)
def test_resolvers_are_written_as_addresses(written, host, port):
    (server,) = resolver([written], 1).nameservers
    assert (server.address, server.port) == (host, port)
