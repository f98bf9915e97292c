"""The HTTP probe against a real web server: what passes, and what the owner of the name is told."""

import json

import pytest

from hanaper.apps.probes import Question
from hanaper.apps.probes.http import HttpProbe
from tests.storage.servers import RawServer, redirect, says

QUESTION = Question("shop.example.test", "a-token", "chk_1")
PATH = "/.well-known/pki-validation/chk_1.txt"


@pytest.fixture
def probe(name_server, web_server) -> HttpProbe:
    name_server.records[("shop.example.test", "A")] = ["127.0.0.1"]
    return HttpProbe(web_server.port, [name_server.address], allow_loopback=True)


def answer_of(probe: HttpProbe) -> tuple[bool, dict[str, object]]:
    answer = probe.look(QUESTION)
    assert answer.seen["place"] == probe.place(QUESTION)
    assert (answer.seen["problem"] is None) == answer.passed
    return answer.passed, json.loads(json.dumps(dict(answer.seen)))


def test_the_place_names_the_port_only_where_it_is_unusual():
    assert HttpProbe().place(QUESTION) == "http://shop.example.test" + PATH
    assert HttpProbe(8080).place(QUESTION) == "http://shop.example.test:8080" + PATH


@pytest.mark.parametrize("content", ["a-token", "a-token\n", "  a-token\r\n"])
def test_the_token_passes(probe, web_server, content):
    web_server.files[("shop.example.test", PATH)] = content
    passed, seen = answer_of(probe)
    assert passed
    assert seen["status"] == 200
    assert web_server.requests == [("shop.example.test", PATH)]


@pytest.mark.parametrize("content", ["", "a-token2", "A-TOKEN", "x a-token", "a-token\na-token", "b" * 5000])
def test_something_else_does_not(probe, web_server, content):
    web_server.files[("shop.example.test", PATH)] = content
    passed, seen = answer_of(probe)
    assert not passed
    assert seen["problem"] == ("too_big" if len(content) > 4096 else "wrong_content")
    assert not content or content not in json.dumps(seen)  # it may come from where a redirect led


def test_a_missing_file_is_told(probe):
    passed, seen = answer_of(probe)
    assert not passed
    assert (seen["problem"], seen["status"]) == ("http_status", 404)


def test_the_token_on_an_error_page_does_not_pass(name_server):
    name_server.records[("shop.example.test", "A")] = ["127.0.0.1"]
    server = RawServer(says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\na-token"))
    assert not HttpProbe(server.port, [name_server.address], allow_loopback=True).look(QUESTION).passed
    server.close()


def test_a_name_that_leads_inside_tells_nothing(probe, name_server):
    name_server.records[("shop.example.test", "A")] = ["10.1.2.3"]
    inside = answer_of(probe)
    del name_server.records[("shop.example.test", "A")]
    assert inside == answer_of(probe)
    assert inside[1]["problem"] == "no_public_address"
    assert "10.1.2.3" not in json.dumps(inside[1])


def test_loopback_is_for_sandboxes(name_server, web_server, probe):
    web_server.files[("shop.example.test", PATH)] = "a-token"
    assert not HttpProbe(web_server.port, [name_server.address]).look(QUESTION).passed
    assert web_server.requests == []


def test_a_redirect_inside_is_not_followed(name_server):
    name_server.records[("shop.example.test", "A")] = ["127.0.0.1"]
    server = RawServer(redirect("http://169.254.169.254/latest/meta-data/"))
    answer = HttpProbe(server.port, [name_server.address], allow_loopback=True).look(QUESTION)
    assert (answer.passed, answer.seen["problem"]) == (False, "address_not_name")
    server.close()
