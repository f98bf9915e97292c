"""The newest lines of one instance, out of all that stand in the log and in those before it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from hanaper.gateway_node import access_log, counting
from tests.gateway_node.test_counting import HOUR, line


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "requests.log"
    counting.begin(path)
    return path


def told(log: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in gzip.decompress(access_log.newest(log, "gwi_a")).splitlines()]


def test_only_its_own_in_order_across_logs(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "PIECE", 50)  # lines are longer than that
    with log.open("ab") as file:
        file.write(line(moment=HOUR) + line("gwi_b") + line(moment=HOUR + 1.5, counted="0", status="403"))
    log.rename(log.with_name(f"requests.log.{1:020d}"))
    counting.begin(log)
    with log.open("ab") as file:
        file.write(line(moment=HOUR + 2, address=r"/\"q\"?a=\u00e9") + line()[:-5])
    found = told(log)
    assert [one["at"][14:23] for one in found] == ["00:00.000", "00:01.500", "00:02.000"]
    assert [one["visit"] for one in found] == [True, False, True]
    assert found[2]["address"] == '/"q"?a=é'
    assert (found[0]["status"], found[0]["bytes"], found[0]["seconds"]) == (200, 100, 0.01)


def test_no_more_than_so_many(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "MOST_LINES", 3)
    with log.open("ab") as file:
        file.writelines(line(moment=HOUR + turn) for turn in range(10))
    assert [one["at"][17:19] for one in told(log)] == ["07", "08", "09"]


def test_nothing(log: Path) -> None:
    assert told(log) == []
