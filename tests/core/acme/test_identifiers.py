"""What an order may be for, in one form."""

import pytest

from hanaper.core.acme.identifiers import Identifier, read_identifiers
from hanaper.core.acme.problems import AcmeProblem


def dns(*values):
    return [{"type": "dns", "value": value} for value in values]


def test_one_form_in_one_order_each_once():
    given = [
        *dns("WWW.Example.com", "*.example.com", "www.example.com"),
        {"type": "ip", "value": "2001:DB8::1"},
    ]
    assert read_identifiers(given) == (
        Identifier("dns", "*.example.com"),
        Identifier("dns", "www.example.com"),
        Identifier("ip", "2001:db8::1"),
    )


def test_a_wildcard_is_proven_by_the_name_above():
    (one,) = read_identifiers(dns("*.example.com"))
    assert (one.wildcard, one.base) == (True, "example.com")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "malformed"),
        ([], "malformed"),
        ("www.example.com", "malformed"),
        (["www.example.com"], "malformed"),
        ([{"type": "dns"}], "malformed"),
        ([{"type": "dns", "value": "a.example", "more": 1}], "malformed"),
        (dns(*(f"a{n}.example.com" for n in range(101))), "malformed"),
        ([{"type": "email", "value": "a@example.com"}], "unsupportedIdentifier"),
        ([{"type": ["dns"], "value": "a.example.com"}], "unsupportedIdentifier"),
        (dns("a..example.com"), "rejectedIdentifier"),
        (dns(""), "rejectedIdentifier"),
        (dns("*.*.example.com"), "rejectedIdentifier"),
        (dns("a.*.example.com"), "rejectedIdentifier"),
        (dns("10.0.0.1"), "rejectedIdentifier"),
        ([{"type": "dns", "value": 5}], "rejectedIdentifier"),
        ([{"type": "ip", "value": "10.0.0.256"}], "rejectedIdentifier"),
        ([{"type": "ip", "value": "10.0.0.0/8"}], "rejectedIdentifier"),
        ([{"type": "ip", "value": "fe80::1%eth0"}], "rejectedIdentifier"),
        ([{"type": "ip", "value": "::ffff:10.0.0.1"}], "rejectedIdentifier"),
    ],
    ids=lambda one: str(one)[:50],
)
def test_what_is_refused(given, problem):
    with pytest.raises(AcmeProblem) as caught:
        read_identifiers(given)
    assert caught.value.code == problem


def test_each_that_is_wrong_is_told_of_itself():
    with pytest.raises(AcmeProblem) as caught:
        read_identifiers([*dns("a.example.com", "b..example.com"), {"type": "ip", "value": "x"}])
    named = [one["identifier"] for one in caught.value.document()["subproblems"]]
    assert named == [{"type": "dns", "value": "b..example.com"}, {"type": "ip", "value": "x"}]


def test_nothing_of_a_wildcard_before_an_order():
    with pytest.raises(AcmeProblem):
        read_identifiers(dns("*.example.com"), wildcards=False)
