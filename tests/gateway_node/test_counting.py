"""Lines of a log, each once, whatever happens in between."""

from pathlib import Path

import pytest

from hanaper.gateway_node import counting

HOUR = 1_795_928_400


def line(instance: str = "gwi_a", *, moment: float = HOUR, counted: str = "1", status: str = "200", sent: int = 100,
         cached: str = "", limited: str = "", took: str = "0.010", address: str = "/") -> bytes:  # fmt: skip
    rest = f"HTTP/2.0\tGET\t{address}\t127.0.0.1\t\tcurl"
    return f"{moment:.3f}\t{instance}\t{counted}\t{status}\t{sent}\t{took}\t{cached}\t{limited}\t{rest}\n".encode()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "requests.log"
    counting.begin(path)
    return path


def test_a_log_keeps_its_name(log: Path) -> None:
    name = counting.name_of(log)
    counting.begin(log)
    assert name and counting.name_of(log) == name


def test_sums_by_instance_and_hour(log: Path) -> None:
    with log.open("ab") as file:
        file.write(line() + line(sent=50, cached="HIT", status="304") + line("gwi_b"))
        file.write(
            line(moment=HOUR - 0.001)
            + line(counted="0", status="403")
            + line(limited="PASSEDREJECTED", status="429")
        )
    batch = counting.read(log, "log", 0)
    assert batch is not None and batch.end == log.stat().st_size
    sums = {(one.instance, one.hour): one for one in batch.tallies}
    now = sums["gwi_a", HOUR // 3600]
    assert (now.visits, now.bytes_out, now.requests, now.cache_hits, now.milliseconds) == (2, 150, 4, 1, 40)
    assert now.statuses == {"2xx": 1, "3xx": 1, "4xx": 2}
    assert sums["gwi_a", HOUR // 3600 - 1].visits == 1  # to the hour in which it ended
    assert sums["gwi_b", HOUR // 3600].visits == 1


def test_what_owners_want_to_know(log: Path) -> None:
    with log.open("ab") as file:
        file.write(line(address="/a?x=1") * 3 + line(address="/b", status="404", took="7.000", sent=7))
        file.write(line(address="/c", counted="0", status="403"))  # no visit
        file.write(line("gwi_b", address=r"/\u0009\xc3"))
    batch = counting.read(log, "log", 0)
    assert batch is not None
    one, other = batch.tallies
    assert one.codes == {"200": 3, "404": 1, "403": 1}
    assert one.lengths == (0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    assert one.paths == {"/a": (3, 300), "/b": (1, 7)}
    assert other.paths == {r"/\u0009\xc3": (1, 100)}


def test_half_a_line_waits(log: Path) -> None:
    whole, half = line(), line()[:-5]
    with log.open("ab") as file:
        file.write(whole + half)
    first = counting.read(log, "log", 0)
    assert first is not None and sum(one.visits for one in first.tallies) == 1
    assert counting.read(log, "log", first.end) is None
    with log.open("ab") as file:
        file.write(line()[-5:])
    second = counting.read(log, "log", first.end)
    assert second is not None and sum(one.visits for one in second.tallies) == 1


def test_in_pieces_it_is_the_same(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_BYTES", 300)
    with log.open("ab") as file:
        file.writelines(line() for _ in range(50))
    offset = visits = 0
    while (batch := counting.read(log, "log", offset)) is not None:
        offset, visits = batch.end, visits + sum(one.visits for one in batch.tallies)
    assert visits == 50
