"""The sandbox's name server: real DNS over UDP, from a file that commands write."""

import stat
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rcode
import dns.resolver
import pytest

from hanaper.apps.probes import Question
from hanaper.apps.probes.dns import DnsProbe
from hanaper.core.errors import InvalidInput
from hanaper.sandbox_dns.name_server import NameServer
from hanaper.sandbox_dns.records import ZONE, FileRecords
from hanaper.storage.resolving import resolver


@pytest.fixture
def records(tmp_path: Path) -> FileRecords:
    return FileRecords(tmp_path / "dns.json")


def refused(query: dns.message.Message) -> dns.message.Message:
    """A name server elsewhere that knows nothing of anybody."""
    answer = dns.message.make_response(query)
    answer.set_rcode(dns.rcode.REFUSED)
    return answer


@pytest.fixture
def server(records: FileRecords) -> Iterator[NameServer]:
    running = NameServer(records, zone=ZONE, forward=refused)
    yield running
    running.close()


def test_a_record_is_seen_as_soon_as_it_is_set(server: NameServer, records: FileRecords) -> None:
    question = Question("www.shop.test", "the-token", "chk_x")
    probe = DnsProbe([server.address])
    assert probe.look(question).seen["problem"] == "no_such_name"
    records.put(probe.place(question).upper() + ".", "txt", ["the-token"])
    assert probe.look(question).passed
    records.put(probe.place(question), "TXT", [])
    assert not probe.look(question).passed


def test_other_kinds(server: NameServer, records: FileRecords) -> None:
    records.put("www.shop.test", "A", ["192.0.2.1", "192.0.2.2"])
    found = resolver([server.address], 2).resolve("www.shop.test.", "A")
    assert sorted(str(each) for each in found) == ["192.0.2.1", "192.0.2.2"]
    assert list(records) == [("www.shop.test", "A")]


def test_a_name_is_kept_as_it_is_asked_for(server: NameServer, records: FileRecords) -> None:
    assert records.put("WWW.Bücher.test.", "A", ["192.0.2.1"]) == "www.xn--bcher-kva.test"
    assert [str(one) for one in resolver([server.address], 2).resolve("www.xn--bcher-kva.test.", "A")]
    records.put("www.bücher.test", "A", [])
    assert not list(records)


@pytest.mark.parametrize("target", ["gwi-x.gateway.test", "gwi-x.gateway.test."])
def test_an_alias_is_taken_with_its_last_dot_or_without(
    server: NameServer, records: FileRecords, target: str
) -> None:
    records.put("www.shop.test", "CNAME", [target])
    found = resolver([server.address], 2).resolve("www.shop.test.", "CNAME")
    assert [str(each) for each in found] == ["gwi-x.gateway.test."]


def test_other_names_are_asked_elsewhere(server: NameServer) -> None:
    assert not DnsProbe([server.address]).look(Question("www.example.com", "x", "chk_x")).passed
    assert ("_hanaper-challenge.www.example.com", "TXT") not in server.queries


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [
        ("www.example.com", "TXT", "name"),
        ("test", "TXT", "name"),
        ("latest", "A", "name"),
        ("a.test", "MX", "type"),
    ],
)
def test_what_it_does_not_keep(records: FileRecords, name: str, kind: str, field: str) -> None:
    with pytest.raises(InvalidInput) as said:
        records.put(name, kind, ["x"])
    assert said.value.field == field and not list(records)


def test_garbage_is_not_answered(server: NameServer) -> None:
    assert server.answer(b"") is None
    assert server.answer(b"\x00" * 12) is None
    assert server.answer(b"hello, world") is None


def test_the_file_is_its_owners(records: FileRecords, tmp_path: Path) -> None:
    records.put("a.test", "A", ["192.0.2.1"])
    assert stat.S_IMODE((tmp_path / "dns.json").stat().st_mode) & 0o022 == 0


def test_a_name_leads_to_where_its_cname_leads(tmp_path: Path) -> None:
    """As whoever resolves a name gives it, so that visitors find the sandbox's own gateway."""
    records = FileRecords(tmp_path / "dns.json", {("*.gateway.test", "A"): ["127.0.0.1"]})
    running = NameServer(records, zone=ZONE, forward=refused)
    try:
        records.put("www.shop.test", "CNAME", ["gwi-x.gateway.test."])
        asked = resolver([running.address], 2)
        assert [str(one) for one in asked.resolve("www.shop.test.", "A")] == ["127.0.0.1"]
        assert [str(one) for one in asked.resolve("www.shop.test.", "CNAME")] == ["gwi-x.gateway.test."]
        assert asked.resolve("www.shop.test.", "AAAA", raise_on_no_answer=False).rrset is None
        records.put("www.shop.test", "CNAME", ["nowhere.test."])
        with pytest.raises(dns.resolver.NXDOMAIN):
            asked.resolve("www.shop.test.", "A")
        assert "gateway" not in (tmp_path / "dns.json").read_text()
    finally:
        running.close()
