"""What every probe of domain control must do, against real servers on loopback."""

import pytest
from django.conf import settings

from hanaper.apps.probes import Question
from hanaper.apps.probes.dns import DnsProbe
from hanaper.apps.probes.http import HttpProbe

QUESTION = Question("shop.example.com", "the-token-of-this-check", "chk_1")


class Dns:
    problem_of_nothing = "no_such_name"
    problem_of_other = "wrong_value"

    def __init__(self, name_server, web_server):
        self.name_server = name_server
        self.probe = DnsProbe(settings.RESOLVERS)

    def publish(self, text):
        self.name_server.records[(self.probe.place(QUESTION), "TXT")] = [text]


class Http:
    problem_of_nothing = "http_status"
    problem_of_other = "wrong_content"

    def __init__(self, name_server, web_server):
        self.web_server = web_server
        name_server.records[("shop.example.com", "A")] = ["127.0.0.1"]
        self.probe = HttpProbe(settings.HTTP_CHECK_PORT, settings.RESOLVERS, allow_loopback=True)

    def publish(self, text):
        path = "/" + self.probe.place(QUESTION).split("/", 3)[3]
        self.web_server.files[("shop.example.com", path)] = text


@pytest.fixture(params=[Dns, Http])
def world(request, name_server, web_server):
    return request.param(name_server, web_server)


def test_it_finds_the_token(world):
    world.publish(QUESTION.token)
    answer = world.probe.look(QUESTION)
    assert answer.passed and answer.seen["problem"] is None
    assert answer.seen["place"] == world.probe.place(QUESTION)


def test_it_says_that_nothing_is_there(world):
    answer = world.probe.look(QUESTION)
    assert not answer.passed
    assert answer.seen["problem"] == world.problem_of_nothing and answer.seen["message"]


@pytest.mark.parametrize("text", ["", "the-token", "the-token-of-this-check-and-more", "x" * 255])
def test_it_takes_nothing_else(world, text):
    world.publish(text)
    answer = world.probe.look(QUESTION)
    assert not answer.passed and answer.seen["problem"] == world.problem_of_other


def test_the_place_is_the_names_own_and_does_not_tell_the_token(world):
    place = world.probe.place(QUESTION)
    assert QUESTION.domain in place and QUESTION.token not in place


def test_a_silent_name_server_is_no_permission(world, monkeypatch):
    world.publish(QUESTION.token)
    world.probe.resolvers = ("127.0.0.1:9",)  # discard: nobody answers
    monkeypatch.setattr("hanaper.apps.probes.dns.SECONDS", 0.3)
    monkeypatch.setattr("hanaper.storage.guarded.DNS_SECONDS", 0.3)
    answer = world.probe.look(QUESTION)
    assert not answer.passed and answer.seen["problem"] in ("timeout", "dns_error")


def test_several_records_may_stand_side_by_side(name_server):
    probe = DnsProbe(settings.RESOLVERS)
    name_server.records[(probe.place(QUESTION), "TXT")] = ["v=spf1 -all", QUESTION.token, "other"]
    answer = probe.look(QUESTION)
    assert answer.passed and len(answer.seen["found"]) == 3


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_inside_is_answered_the_same_whether_anybody_listens(name_server, web_server, address):
    """No check leaks whether an inside address answers: nothing is connected to."""
    name_server.records[("shop.example.com", "A")] = [address]
    probe = HttpProbe(settings.HTTP_CHECK_PORT, settings.RESOLVERS, allow_loopback=False)
    answer = probe.look(QUESTION)
    assert answer.seen["problem"] == "no_public_address"
    assert answer.seen["status"] is None and address not in answer.seen["message"]
    assert web_server.requests == []
