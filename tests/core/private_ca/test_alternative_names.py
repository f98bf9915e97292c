"""Names in one canonical form, and everything that is none."""

from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import KINDS, MOST, names_of, read_names


def read(kind: str, *values: Any) -> tuple[tuple[str, ...], list[str]]:
    faults: list[Fault] = []
    names = read_names({kind: values}, faults)
    return getattr(names, kind), [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("kind", "given", "canonical"),
    [
        ("dns", "DB1", "db1"),
        ("dns", "Www.Corp.Example.", "www.corp.example"),
        ("dns", "*.Bücher.example", "*.xn--bcher-kva.example"),
        ("dns", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ip", "10.0.0.1", "10.0.0.1"),
        ("ip", "2001:DB8:0::1", "2001:db8::1"),
        ("email", "Ada.L@Corp.Example", "Ada.L@corp.example"),
        ("uri", "SPIFFE://Example.org/db/Main", "spiffe://example.org/db/Main"),
        ("uri", "https://[2001:DB8::1]:8443/x?y=1", "https://[2001:db8::1]:8443/x?y=1"),
    ],
)
def test_one_form(kind: str, given: str, canonical: str) -> None:
    assert read(kind, given, f" {given} ") == ((canonical,), [])


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("dns", "w*.example.com"), ("dns", "*"), ("dns", "a b.example"), ("dns", "10.0.0.1"), ("dns", "a_b.example"),
        ("dns", "https://a.example"), ("dns", "a..example"), ("dns", ""), ("dns", 5), ("dns", "x" * 3000),
        ("dns", "exam\x00ple.com"), ("dns", "\u202eexample.com"),
        ("ip", "10.0.0"), ("ip", "010.0.0.1"), ("ip", "fe80::1%eth0"), ("ip", "::ffff:10.0.0.1"), ("ip", "a.example"),
        ("email", "ada"), ("email", "@corp.example"), ("email", '"a b"@corp.example'), ("email", "a@*.example"),
        ("email", "a@b@corp.example"), ("email", "ädä@corp.example"), ("email", "a\r\nb@corp.example"),
        ("uri", "corp.example"), ("uri", "urn:uuid:1"), ("uri", "https://ada@corp.example/"), ("uri", "https:///x"),
        ("uri", "https://corp.example/a/../b"), ("uri", "https://corp.example/#x"), ("uri", "https://co%72p.example/"),
        ("uri", "https://corp.example:99999/"), ("uri", "spiffe://corp.example:80/x"), ("uri", "spiffe://10.0.0.1/x"), ("uri", "https://010.0.0.1/"), ("uri", "https://a b.example"),
        ("uri", "https://corp.example/\x00"),
    ],
)  # fmt: skip
def test_what_is_no_name(kind: str, wrong: Any) -> None:
    values, codes = read(kind, wrong)
    assert values == () and len(codes) == 1


def test_each_fault_at_its_place() -> None:
    faults: list[Fault] = []
    names = read_names({"dns": ["ok.example", "?"], "ip": ["x"]}, faults)
    assert names.dns == ("ok.example",)
    assert [fault.field for fault in faults] == ["names.dns.1", "names.ip.0"]


def test_not_too_many() -> None:
    assert read("dns", *(f"h{n}.example" for n in range(MOST)))[1] == []
    assert read("dns", *(f"h{n}.example" for n in range(MOST + 1)))[1] == ["too_many_names"]


def test_a_request_names_the_same() -> None:
    names = read_names(
        {"dns": ["a.example"], "ip": ["10.0.0.1"], "email": ["a@b.example"], "uri": ["spiffe://a/b"]}, []
    )
    again = names_of(x509.SubjectAlternativeName(names.general_names()))
    assert read_names(again, []) == names


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_whatever_passes_is_canonical_and_can_be_encoded(kind: str, text: str) -> None:
    values, codes = read(kind, text)
    assert len(values) + len(codes) == 1
    if values:
        assert read(kind, values[0]) == (values, [])
        faults: list[Fault] = []
        assert x509.SubjectAlternativeName(read_names({kind: values}, faults).general_names()) is not None
