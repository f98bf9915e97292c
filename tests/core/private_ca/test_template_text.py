"""A template as TOML and as sentences."""

import pytest

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.template_text import describe, read_toml, to_toml
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
    assert describe(template) == [
        "Certificates are for TLS clients and 1.3.6.1.4.1.99999.1, and for nothing else.",
        "Besides signing, their keys may be used for key agreement.",
        "Keys are ec-p256 or ed25519.",
        'The organization is always Corp "A".',
        "A request gives common name.",
        "A request may give country.",
        "At least one domain name may be named, of corp.example or below; no wildcards.",
        "URIs may be named, in spiffe://corp.example/team or spiffe://corp.example/other.",
        "They are valid for 7 days unless asked otherwise, 30 at most.",
        "Nobody is told before they end.",
    ]


def test_those_that_come_with_the_program() -> None:
    assert describe(BUILT_IN["server"]) == [
        "Certificates are for TLS servers, and for nothing else.",
        "Keys are of any kind that is issued here.",
        "A request may give common name.",
        "A common name is one of the alternative names.",
        "Domain names may be named; wildcards too.",
        "IP addresses may be named.",
        "They are valid for 90 days unless asked otherwise, 397 at most.",
        "Their end is told of 60, 30, 14, 7 and 1 days before, in the last third of their life.",
    ]
    assert "There are no alternative names." in describe(BUILT_IN["code-signing"])
    assert "At least one mailbox may be named." in describe(BUILT_IN["email"])


@pytest.mark.parametrize("text", ["title = ", "\x00", "a = 1\na = 2", "[" * 10_000])
def test_what_is_no_toml(text: str) -> None:
    with pytest.raises(InvalidInput) as met:
        read_toml(text)
    assert met.value.field == "toml"
