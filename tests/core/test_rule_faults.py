"""What pydantic finds in rules, in our words."""

from typing import Any

import pytest
from pydantic import ValidationError

from hanaper.core.private_ca.templates import Template
from hanaper.core.rule_faults import faults_of

GOOD: dict[str, Any] = {"title": "t", "uses": ["serverAuth"]}


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"uses": []}, "uses", "At least 1 of them."),
        ({"uses": "serverAuth"}, "uses", "Write a list."),
        ({"uses": ["x"]}, "uses", "'x' is no use: write one of "),
        ({"title": ""}, "title", "Too short: its least length is 1."),
        ({"title": 5}, "title", "Write a text."),
        ({"days": "soon"}, "days", "Write a whole number."),
        ({"days": 0}, "days", "Write at least 1."),
        ({"colour": 1}, "colour", "There is no such rule: leave it out."),
        ({"keys": ["rsa-1024"]}, "keys.0", "Write one of 'rsa-2048', "),
        ({"dns": 5}, "dns", "Write a group of rules (a table in TOML, an object in JSON)."),
        ({"dns": {"allowed": "perhaps"}}, "dns.allowed", "Write true or false."),
        ({"dns": {"required": True}}, "dns", "What is required must be allowed: "),
        ({"ip": {"allowed": True, "networks": ["10.0.0.1/8"]}}, "ip.networks", "10.0.0.1 is an address within "),
    ],
)  # fmt: skip
def test_each_kind_of_fault(wrong: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(ValidationError) as met:
        Template.model_validate({**GOOD, **wrong})
    (fault,) = faults_of(met.value, "rules")
    assert fault.field == f"rules.{field}" and fault.message.startswith(said)


def test_what_is_missing() -> None:
    with pytest.raises(ValidationError) as met:
        Template.model_validate({"uses": ["serverAuth"]})
    assert [(one.field, one.message, one.code) for one in faults_of(met.value, "rules")] == [
        ("rules.title", "This is needed: write it.", "missing")
    ]
