"""A template as TOML and as sentences."""

import pytest

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.template_text import describe, in_lines, read_toml, to_toml
from hanaper.core.private_ca.templates import BUILT_IN, Template

TEAM = """\
title = "Team"
uses = ["clientAuth", "1.3.6.1.4.1.99999.1"]
key_usages = ["digital_signature", "key_agreement"]
keys = ["ec-p256", "ed25519"]
days = 7
longest_days = 30
notice_days = []

[subject]
allowed = ["common_name", "country"]
required = ["common_name"]
common_name = "free"

[subject.fixed]
organization = 'Corp "A"'

[dns]
allowed = true
required = true
domains = ["corp.example"]

[uri]
allowed = true
below = ["spiffe://corp.example/team", "spiffe://corp.example/other"]
"""


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_written_is_read_as_the_same(name: str) -> None:
    written = to_toml(BUILT_IN[name])
    assert Template.model_validate(read_toml(written)) == BUILT_IN[name]
    assert "false" not in written, "only what is permitted is said"


def test_a_template_of_a_team() -> None:
    template = Template.model_validate(read_toml(TEAM))
    assert Template.model_validate(read_toml(to_toml(template))) == template
    assert in_lines(template) == [
        "For: TLS clients, 1.3.6.1.4.1.99999.1",
        "Alternative names: DNS names within corp.example, at least one DNS name, "
        "URIs within spiffe://corp.example/team, spiffe://corp.example/other",
        'Subject: organisation: Corp "A", common name (needed), country',
        "Common name: anything",
        "Keys: ec-p256, ed25519",
        "The key: signs, agrees on keys",
        "Valid for: 7 days, at most 30",
        "Told of its end: nobody",
    ]


def test_those_that_come_with_the_program() -> None:
    assert in_lines(BUILT_IN["server"]) == [
        "For: TLS servers",
        "Alternative names: DNS names, wildcards too, IP addresses",
        "Subject: common name",
        "Common name: one of the alternative names",
        "Keys: every kind",
        "The key: signs",
        "Valid for: 90 days, at most 397",
        "Told of its end: 60 days before, 30 days before, 14 days before, 7 days before, 1 day before",
    ]
    said = {name: dict(describe(template)) for name, template in BUILT_IN.items()}
    assert said["code-signing"]["Alternative names"] == ["none but the subject"]
    assert "at least one e-mail address" in said["email"]["Alternative names"]


@pytest.mark.parametrize("text", ["title = ", "\x00", "a = 1\na = 2", "[" * 10_000])
def test_what_is_no_toml(text: str) -> None:
    with pytest.raises(InvalidInput) as met:
        read_toml(text)
    assert met.value.field == "toml"
