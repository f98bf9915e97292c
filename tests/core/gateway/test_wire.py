"""Older nodes and newer services, and the other way round."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from hanaper.core.gateway.wire import Answer, Changes, Report, Site, Snapshot
from tests.gateway_node.sites import a_site

WHOLE: dict[str, Any] = {
    "origins": [{"host": "127.0.0.1"}, {"host": "127.0.0.2", "backup": True}],
    "health": {"path": "/up", "seconds": 5},
    "cache": {"rules": [{"prefix": "/static/", "seconds": 3600}]},
    "redirects": [{"path": "/a", "to": "/b"}],
    "response_headers": {"add": {"X-A": "b"}},
    "exhausted": "page",
}


def newer(said: Any) -> Any:
    """With a field more in each object but headers, which are by name."""
    if isinstance(said, list):
        return [newer(one) for one in said]
    if isinstance(said, dict):
        return {name: one if name == "add" else newer(one) for name, one in said.items()} | {
            "newer": [{"x": 1}]
        }
    return said


def test_a_node_takes_what_a_newer_service_says_more() -> None:
    site = a_site("gwi_a", "a.test", 1, **WHOLE)
    snapshot = Snapshot(version=3, sites=(site,))
    assert Snapshot.model_validate_json(json.dumps(newer(json.loads(snapshot.model_dump_json())))) == snapshot
    changes = Changes(since=2, version=3, sites=(site,), gone=("gwi_b",), count=1, versions=3)
    assert Changes.model_validate_json(json.dumps(newer(json.loads(changes.model_dump_json())))) == changes


def test_what_is_wrong_is_still_refused() -> None:
    said = json.loads(a_site("gwi_a", "a.test", 1).model_dump_json())
    said["behaviour"]["origins"] = [{"host": "a b"}]
    with pytest.raises(ValidationError):
        Site.model_validate(said)


def test_what_older_ones_do_not_say() -> None:
    report = Report.model_validate_json('{"applied": 1, "settled": 1}')
    assert (report.left_out, report.unwell, report.batches) == (None, None, ())
    assert Answer.model_validate_json('{"version": 2}').errands == ()
