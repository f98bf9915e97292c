"""Policies as data: read strictly, shipped as documented."""

import tomllib
from pathlib import Path

import pytest

from hanaper.core.refund import DEFAULT_POLICY, SHIPPED_POLICIES
from hanaper.core.refund.policy import BadPolicy, load_policies, read_policy
from tests.core.refund.refund_cases import POLICY_FILES, put

ROOT = Path(__file__).parents[3]


def document(name=DEFAULT_POLICY):
    return tomllib.loads((POLICY_FILES / f"{name}.toml").read_text())


def test_two_are_shipped_and_the_document_is_the_default():
    assert list(SHIPPED_POLICIES) == ["2024-10-25", "2026-03-18"]
    assert DEFAULT_POLICY == "2024-10-25"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("window.clause", "R19"),
        ("window.clause", "X1"),
        ("window.clause", "R"),
        ("window.days", "absent"),
        ("window.days", -1),
        ("window.days", True),
        ("window.counting", "weeks"),
        ("window.hours", 3),
        ("window", 7),
        ("title", ""),
        ("senses", "none"),
        ("uses.unused", "absent"),
        ("uses.unused.inside", "reset"),
        ("uses.gateway.opens", "some day"),
        ("uses.other", {}),
        ("refused.unpaid", "absent"),
        ("refused.refunded", "absent"),
        ("refused.under_way", "absent"),
        ("refused.consumed", "absent"),
        ("refused.whim", {"clause": "R1", "text": "No."}),
        ("gateway_quota.consumed", "partial"),
    ],
)
def test_a_bad_policy_is_not_read(path, value):
    policy = document()
    put(policy, path, value)
    with pytest.raises(BadPolicy) as caught:
        read_policy(policy)
    assert path.split(".")[0] in str(caught.value)


def test_a_file_is_named_like_its_policy(tmp_path):
    (tmp_path / "2030-01-01.toml").write_text((POLICY_FILES / "2024-10-25.toml").read_text())
    with pytest.raises(BadPolicy):
        load_policies(tmp_path)
