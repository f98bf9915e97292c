"""What each level carries, and what it refuses to carry."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.profiles import PROFILES, ValidationLevel, leaf_contents
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.names import Subject

SINGLE = parse_domains(DomainKind.SINGLE, ["www.example.com"])
WILDCARD = parse_domains(DomainKind.WILDCARD, ["*.example.com"])
OV = Subject(country="DE", locality="Köln", organization="Müller GmbH")
EV = replace(
    OV,
    business_category="Private Organization",
    jurisdiction_country="DE",
    registration_number="HRB 1",
)
LEVEL = ValidationLevel


def faults_of(level, names, subject):
    with pytest.raises(InvalidInput) as caught:
        leaf_contents(level, names, subject)
    assert caught.value.code == "invalid_profile"
    return {(fault.field, fault.code) for fault in caught.value.faults}


def test_dv_says_the_names_and_nothing_else():
    contents = leaf_contents(LEVEL.DV, WILDCARD, OV)
    assert not contents.subject.rdns
    assert contents.alternative_names == (x509.DNSName("*.example.com"), x509.DNSName("example.com"))
    assert contents.policies == ("2.23.140.1.2.1",)
    assert contents.extended_key_usages == (ExtendedKeyUsageOID.SERVER_AUTH,)


@pytest.mark.parametrize(
    ("level", "subject", "policy", "text"),
    [
        (LEVEL.OV, OV, "2.23.140.1.2.2", "O=Müller GmbH,L=Köln,C=DE"),
        (LEVEL.EV, EV, "2.23.140.1.1", "O=Müller GmbH,L=Köln,C=DE"),
    ],
)
def test_organisation_is_said(level, subject, policy, text):
    contents = leaf_contents(level, SINGLE, subject)
    assert contents.policies == (policy,)
    assert contents.subject.rfc4514_string().startswith(text)


@pytest.mark.parametrize("level", [LEVEL.OV, LEVEL.EV])
def test_everything_missing_is_named_at_once(level):
    wanted = {(f"subject.{field}", "missing") for field in PROFILES[level].required}
    wanted.add(("subject.locality", "missing"))
    assert faults_of(level, SINGLE, None) == wanted


@pytest.mark.parametrize(
    ("level", "subject", "fault"),
    [
        (LEVEL.OV, replace(OV, organization=""), ("subject.organization", "missing")),
        (LEVEL.OV, replace(OV, country="XYZ"), ("subject.country", "subject")),
        (LEVEL.OV, replace(OV, common_name="www.example.com"), ("subject.common_name", "unexpected")),
        (LEVEL.OV, EV, ("subject", "unexpected")),
        (LEVEL.EV, replace(EV, business_category="Shop"), ("subject.business_category", "subject")),
        (LEVEL.EV, replace(EV, jurisdiction_locality="Köln"), ("subject.jurisdiction_state", "missing")),
    ],
)
def test_wrong_field_is_named(level, subject, fault):
    assert fault in faults_of(level, SINGLE, subject)


def test_a_state_does_instead_of_a_town():
    assert leaf_contents(LEVEL.OV, SINGLE, replace(OV, locality=None, state="NRW"))


def test_ev_holds_no_wildcard():
    names = parse_domains(DomainKind.HYBRID, ["a.example.com", "*.example.com"])
    assert faults_of(LEVEL.EV, names, EV) == {("domains.1", "wildcard_not_in_level")}
    assert leaf_contents(LEVEL.OV, names, OV)
