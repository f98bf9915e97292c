"""Templates: what each lets through, and everything that it does not, said at once."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import ValidationError

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.alternative_names import read_names
from hanaper.core.private_ca.deciding import Asked, decide
from hanaper.core.private_ca.name_constraints import NameConstraints, Subtrees
from hanaper.core.private_ca.templates import BUILT_IN, Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject

GOOD: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {
    "server": ({"common_name": "a.example"}, {"dns": ["a.example", "*.b.example"], "ip": ["10.0.0.1"]}),
    "client": ({"common_name": "worker 7"}, {"uri": ["spiffe://corp.example/worker/7"]}),
    "email": ({"common_name": "Ada"}, {"email": ["ada@corp.example"]}),
    "code-signing": ({"common_name": "Corp", "organization": "Corp"}, {}),
    "device": ({"common_name": "printer 4", "registration_number": "SN-4"}, {"ip": ["10.0.0.4"]}),
}


def asked(subject: dict[str, str], names: dict[str, list[str]], **more: Any) -> Asked:
    return Asked(
        **{"algorithm": KeyAlgorithm.EC_P256, **more}, subject=Subject(**subject), names=read_names(names, [])
    )


def faults(template: Template, request: Asked, *constraints: NameConstraints) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as met:
        decide(template, request, constraints)
    return {(fault.field, fault.code) for fault in met.value.faults}


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_each_is_for(name: str) -> None:
    contents = decide(BUILT_IN[name], asked(*GOOD[name]), [])
    assert contents.key_usages[0] == "digital_signature" and contents.key_identifier
    assert contents.extended_key_usages
    assert (len(contents.alternative_names) > 0) is bool(GOOD[name][1])


def test_everything_wrong_at_once() -> None:
    found = faults(
        BUILT_IN["server"],
        asked(
            {"common_name": "b.example", "organization": "X"},
            {"dns": ["a.example"], "email": ["a@b.example"]},
            days=999,
        ),
    )
    assert found == {
        ("subject.common_name", "not_among_names"),
        ("subject.organization", "not_in_template"),
        ("names.email", "not_in_template"),
        ("days", "out_of_range"),
    }


@pytest.mark.parametrize(
    ("common_name", "said"),
    [
        ("b.example", "b.example is not among the alternative names: add it to them, or leave the common name out."),
        ("A.Example", "Write the common name as it stands among the names: a.example."),
        ("*.BÜCHER.example", "Write the common name as it stands among the names: *.xn--bcher-kva.example."),
        ("2001:DB8:0::1", "Write the common name as it stands among the names: 2001:db8::1."),
    ],
)  # fmt: skip
def test_a_common_name_that_no_client_would_find(common_name: str, said: str) -> None:
    given = {"dns": ["a.example", "*.bücher.example"], "ip": ["2001:db8::1"]}
    with pytest.raises(InvalidInput) as met:
        decide(BUILT_IN["server"], asked({"common_name": common_name}, given), [])
    assert [(fault.field, fault.message) for fault in met.value.faults] == [("subject.common_name", said)]


def test_a_certificate_names_something() -> None:
    assert faults(BUILT_IN["server"], asked({}, {})) == {("names", "no_names")}
    assert faults(BUILT_IN["email"], asked({"common_name": "x"}, {})) == {("names.email", "missing")}


def custom(**rules: Any) -> Template:
    return Template.model_validate({"title": "t", "uses": ["serverAuth"], **rules})


@pytest.mark.parametrize(
    ("rule", "kind", "good", "bad"),
    [
        ({"domains": ["Corp.Example"]}, "dns", ["corp.example", "a.b.corp.example"], ["xcorp.example", "example"]),
        ({"networks": ["10.0.0.0/8"]}, "ip", ["10.255.0.1"], ["11.0.0.1", "2001:db8::1"]),
        ({"domains": ["corp.example"]}, "email", ["a@corp.example"], ["a@mail.corp.example", "a@xcorp.example"]),
        ({"below": ["spiffe://corp.example/team"]}, "uri", ["spiffe://corp.example/team/a"],
         ["spiffe://corp.example/teamx", "spiffe://corp.example/", "https://corp.example/team/a",
          "spiffe://corp.example.evil.test/team/a", "spiffe://corp.example/te%61m/a"]),
    ],
)  # fmt: skip
def test_lists_of_names(rule: dict[str, Any], kind: str, good: list[str], bad: list[str]) -> None:
    template = custom(**{kind: {"allowed": True, **rule}})
    for value in good:
        decide(template, asked({}, {kind: [value]}), [])
    for value in bad:
        assert faults(template, asked({}, {kind: [value]})) == {(f"names.{kind}.0", "not_in_template")}, value


def test_wildcards_only_where_they_are_allowed() -> None:
    template = custom(dns={"allowed": True, "domains": ["corp.example"]})
    assert faults(template, asked({}, {"dns": ["*.corp.example"]})) == {("names.dns.0", "no_wildcards")}
    wild = custom(dns={"allowed": True, "domains": ["corp.example"], "wildcards": True})
    decide(wild, asked({}, {"dns": ["*.corp.example"]}), [])
    assert faults(wild, asked({}, {"dns": ["*.example"]})) == {("names.dns.0", "not_in_template")}


def test_fixed_fields_of_the_subject() -> None:
    rule = {
        "allowed": ["common_name", "organization"],
        "fixed": {"organization": "Corp"},
        "common_name": "free",
    }
    template = custom(subject=rule, dns={"allowed": True})
    contents = decide(template, asked({"common_name": "x"}, {}), [])
    assert {one.value for one in contents.subject} == {"Corp", "x"}
    assert faults(template, asked({"common_name": "x", "organization": "Evil"}, {})) == {
        ("subject.organization", "fixed_by_template")
    }


def test_only_its_kinds_of_keys_and_an_rsa_key_may_encipher() -> None:
    template = custom(
        keys=["rsa-3072", "ec-p256"],
        key_usages=["digital_signature", "key_encipherment"],
        dns={"allowed": True},
    )
    request = ({}, {"dns": ["a.example"]})
    assert decide(template, asked(*request), []).key_usages == ("digital_signature",)
    rsa = decide(template, asked(*request, algorithm=KeyAlgorithm.RSA_3072), [])
    assert rsa.key_usages == ("digital_signature", "key_encipherment")
    assert faults(template, asked(*request, algorithm=KeyAlgorithm.ED25519)) == {
        ("key_algorithm", "key_not_in_template")
    }


def test_the_constraints_of_every_ca_above_hold() -> None:
    root = NameConstraints(permitted=Subtrees(dns=("example",)))
    below = NameConstraints(excluded=Subtrees(dns=("secret.example",)))
    decide(BUILT_IN["server"], asked({}, {"dns": ["www.example"]}), [root, below])
    assert faults(
        BUILT_IN["server"], asked({}, {"dns": ["x.secret.example", "other.test"]}), root, below
    ) == {
        ("names.dns.0", "excluded"),
        ("names.dns.1", "not_permitted"),
    }
    assert faults(BUILT_IN["client"], asked({"common_name": "x.secret.example"}, {}), root, below) == {
        ("subject.common_name", "excluded")
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"uses": []}, {"uses": ["anything"]}, {"uses": ["2.5.29.37.0"]},
        {"uses": [ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string]}, {"key_usages": ["key_cert_sign"]},
        {"key_usages": ["key_agreement"]}, {"days": 0}, {"days": 826}, {"days": 100, "longest_days": 50},
        {"dns": {"required": True}}, {"dns": {"allowed": True, "domains": ["*.x.example"]}},
        {"ip": {"allowed": True, "networks": ["10.0.0.1/8"]}}, {"uri": {"allowed": True, "below": ["corp.example"]}},
        {"uri": {"allowed": True, "below": ["https://a@corp.example/"]}}, {"keys": ["rsa-1024"]},
        {"subject": {"required": ["organization"]}}, {"subject": {"fixed": {"country": "Germany"}}}, {"unknown": 1},
        {"subject": {"allowed": ["email"]}},
    ],
)  # fmt: skip
def test_what_is_no_template(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        custom(**wrong)


def test_a_template_survives_being_written_down() -> None:
    for template in BUILT_IN.values():
        assert Template.model_validate(template.model_dump(mode="json")) == template


def test_the_names_are_said_as_the_certificate_says_them() -> None:
    contents = decide(BUILT_IN["server"], asked({}, {"dns": ["BÜCHER.example"]}), [])
    assert contents.alternative_names == (x509.DNSName("xn--bcher-kva.example"),)
