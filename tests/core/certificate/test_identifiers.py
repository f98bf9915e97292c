"""Domain names: what is accepted, how it is normalised, and why each other is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.certificate.identifiers import (
    DomainKind,
    DomainName,
    parse_domain,
    parse_domains,
)
from hanaper.core.errors import InvalidInput

K = DomainKind
LONG = ".".join(["a" * 61] * 4)  # 247 characters


@pytest.mark.parametrize(
    ("given_name", "normal", "registrable"),
    [
        ("example.com", "example.com", "example.com"),
        ("WWW.Example.COM", "www.example.com", "example.com"),
        ("example.com.", "example.com", "example.com"),
        ("  example.com ", "example.com", "example.com"),
        ("a.b.example.co.uk", "a.b.example.co.uk", "example.co.uk"),
        ("*.example.com", "*.example.com", "example.com"),
        ("bücher.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("BÜCHER.DE", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("*.bücher.de", "*.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("faß.de", "xn--fa-hia.de", "xn--fa-hia.de"),  # not fass.de: non-transitional
        ("例え。jp", "xn--r8jz45g.jp", "xn--r8jz45g.jp"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("日本語とabc.jp", "xn--abc-vb4bo25ycvb2w6i.jp", "xn--abc-vb4bo25ycvb2w6i.jp"),
        ("alice.github.io", "alice.github.io", "github.io"),  # private suffixes have owners
        ("*.github.io", "*.github.io", "github.io"),
        ("a.b.kobe.jp", "a.b.kobe.jp", "a.b.kobe.jp"),
        ("city.kobe.jp", "city.kobe.jp", "city.kobe.jp"),
        ("1.example.com", "1.example.com", "example.com"),
        (f"{LONG}.com", f"{LONG}.com", f"{'a' * 61}.com"),
        (f"{LONG}.co.uk", f"{LONG}.co.uk", f"{'a' * 61}.co.uk"),  # 253 characters
        ("a" * 63 + ".com", "a" * 63 + ".com", "a" * 63 + ".com"),
    ],
)
def test_accepted_and_normalised(given_name, normal, registrable):
    found = parse_domain(given_name)
    assert (found.ascii, found.registrable) == (normal, registrable)
    assert parse_domain(found.ascii) == found
    assert parse_domain(found.unicode) == found


REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    (5, "not_a_domain"),
    (None, "not_a_domain"),
    (["example.com"], "not_a_domain"),
    ("https://example.com", "not_a_domain"),
    ("example.com:443", "not_a_domain"),
    ("example.com/path", "not_a_domain"),
    ("me@example.com", "not_a_domain"),
    ("a..example.com", "empty_label"),
    (".example.com", "empty_label"),
    ("example.com..", "empty_label"),
    ("*.", "empty_label"),
    (".", "empty_label"),
    ("*", "wildcard_place"),
    ("*.*.example.com", "wildcard_place"),
    ("a.*.example.com", "wildcard_place"),
    ("w*.example.com", "wildcard_place"),
    ("*example.com", "wildcard_place"),
    ("a_b.example.com", "underscore"),
    ("_acme-challenge.example.com", "underscore"),
    ("exa mple.com", "forbidden_character"),
    ("example.com\n", "forbidden_character"),
    ("example\x00.com", "forbidden_character"),
    ("example\x1b[31m.com", "forbidden_character"),
    ("example\u2028.com", "forbidden_character"),
    ("\ud800.com", "forbidden_character"),
    ("-a.com", "forbidden_character"),
    ("a-.com", "forbidden_character"),
    ("a!.com", "invalid_idn"),
    ("a,b.com", "invalid_idn"),
    ("☃.com", "invalid_idn"),
    ("a\u200db.com", "invalid_idn"),
    ("\u202eexample.com", "invalid_idn"),
    ("xn--a.com", "invalid_idn"),
    ("xn--.com", "invalid_idn"),
    ("xn--example-.com", "invalid_idn"),
    ("אa.com", "invalid_idn"),  # right-to-left rule
    ("ab--cd.com", "reserved_label"),
    ("a" * 64 + ".com", "label_too_long"),
    (f"{LONG}.{'a' * 10}.com", "too_long"),
    (f"a.{LONG}.co.uk", "too_long"),
    (f"*.a.{LONG}.de", "too_long"),
    ("x" * 1_000_000, "too_long"),
    ("1.2.3.4", "ip_address"),
    ("::1", "ip_address"),
    ("[2001:db8::1]", "ip_address"),
    ("fe80::1%eth0", "ip_address"),
    ("1.2.3.256", "ip_address"),
    ("127.1", "ip_address"),
    ("com", "public_suffix"),
    ("co.uk", "public_suffix"),
    ("*.com", "public_suffix"),
    ("*.co.uk", "public_suffix"),
    ("c.kobe.jp", "public_suffix"),  # the list says *.kobe.jp
    ("xn--p1ai", "public_suffix"),
    ("server", "reserved_name"),
    ("localhost", "reserved_name"),
    ("*.localhost", "reserved_name"),
    ("shop.test", "reserved_name"),
    ("shop.example", "reserved_name"),
    ("printer.local", "reserved_name"),
    ("db.internal", "reserved_name"),
    ("router.home.arpa", "reserved_name"),
    ("abc.onion", "reserved_name"),
    ("host.corp", "unknown_suffix"),
    ("1.0.0.10.in-addr.arpa", "reverse_zone"),
    ("in-addr.arpa", "reverse_zone"),
    ("*.in-addr.arpa", "reverse_zone"),
    ("8.b.d.0.1.0.0.2.ip6.arpa", "reverse_zone"),
    ("gооgle.com", "homograph"),  # two Cyrillic letters among Latin ones
    ("аррӏе.com", "homograph"),  # wholly Cyrillic, looks wholly Latin
    ("xn--80ak6aa92e.com", "homograph"),  # the same, already encoded
    ("ορο.com", "homograph"),  # Greek
    ("αbc.com", "homograph"),
    ("ɡoogle.com", "homograph"),  # the phonetic g is Latin too
    ("한ж.com", "homograph"),
]


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_refused_with_its_reason(name, code):
    with pytest.raises(InvalidInput) as caught:
        parse_domain(name)
    assert caught.value.code == code
    assert len(caught.value.message) < 300
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("name", ["пример.рф", "аррӏе.рф", "ёпрст.com", "ελληνικά.gr", "中文abc.com"])
def test_one_script_that_does_not_pass_for_latin_is_fine(name):
    assert parse_domain(name)


@pytest.mark.parametrize(
    ("name", "registrable"),
    [
        ("shop.test", "shop.test"),
        ("*.shop.test", "shop.test"),
        ("a.b.shop.example", "shop.example"),
        ("app.localhost", "app.localhost"),
        ("router.home.arpa", "router.home.arpa"),
        ("www.example.com", "example.com"),
    ],
)
def test_sandbox_accepts_reserved_names(name, registrable):
    assert parse_domain(name, allow_reserved=True).registrable == registrable


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("test", "public_suffix"),
        ("*.test", "public_suffix"),
        ("server", "unknown_suffix"),
        ("host.corp", "unknown_suffix"),
        ("1.in-addr.arpa", "reverse_zone"),
        ("a_b.test", "underscore"),
        ("*.com", "public_suffix"),
    ],
)
def test_sandbox_forgives_nothing_else(name, code):
    with pytest.raises(InvalidInput) as caught:
        parse_domain(name, allow_reserved=True)
    assert caught.value.code == code


def faults_of(kind, names, **options):
    with pytest.raises(InvalidInput) as caught:
        parse_domains(kind, names, **options)
    assert caught.value.code == "invalid_domains"
    return [(fault.field, fault.code) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("kind", "names", "san"),
    [
        (K.SINGLE, ["Example.com"], ["example.com"]),
        (K.MULTI_DOMAIN, ["b.com", "a.com"], ["b.com", "a.com"]),
        (K.MULTI_DOMAIN, ["a.com"], ["a.com"]),
        (K.WILDCARD, ["*.a.com"], ["*.a.com", "a.com"]),
        (K.MULTI_WILDCARD, ["*.a.com", "*.b.com"], ["*.a.com", "a.com", "*.b.com", "b.com"]),
        (K.HYBRID, ["*.a.com", "a.com", "b.com"], ["*.a.com", "a.com", "b.com"]),
    ],
)
def test_names_of_each_kind(kind, names, san):
    found = parse_domains(kind, names)
    assert found.kind is kind
    assert list(found.san) == san
    assert list(found.applied) == [name.lower() for name in names]


@pytest.mark.parametrize(
    ("kind", "names", "faults"),
    [
        (K.SINGLE, [], [("domains", "no_domains")]),
        (K.SINGLE, ["a.com", "b.com"], [("domains", "too_many_domains")]),
        (K.WILDCARD, ["*.a.com", "*.b.com"], [("domains", "too_many_domains")]),
        (K.MULTI_DOMAIN, [f"{n}.com" for n in "abcdef"], [("domains", "too_many_domains")]),
        (K.SINGLE, ["*.a.com"], [("domains.0", "wildcard_not_in_kind")]),
        (K.MULTI_DOMAIN, ["a.com", "*.a.com"], [("domains.1", "wildcard_not_in_kind")]),
        (K.WILDCARD, ["a.com"], [("domains.0", "wildcard_required")]),
        (K.MULTI_WILDCARD, ["*.a.com", "b.com"], [("domains.1", "wildcard_required")]),
        (K.HYBRID, ["a.com", "b.com"], [("domains", "not_hybrid")]),
        (K.HYBRID, ["*.a.com"], [("domains", "not_hybrid")]),
        (K.MULTI_DOMAIN, ["a.com", "A.com."], [("domains.1", "duplicate")]),
        (K.MULTI_DOMAIN, ["bücher.de", "xn--bcher-kva.de"], [("domains.1", "duplicate")]),
    ],
)
def test_what_does_not_fit_the_kind(kind, names, faults):
    assert faults_of(kind, names) == faults


def test_all_faults_are_reported_at_once():
    names = ["good.com", "a_b.com", 7, "good.com", "*.com"]
    assert faults_of(K.HYBRID, names) == [
        ("domains.1", "underscore"),
        ("domains.2", "not_a_domain"),
        ("domains.3", "duplicate"),
        ("domains.4", "public_suffix"),
    ]


def test_a_hundred_thousand_names_are_refused():
    names = ["x" * 1000] * 100_000
    assert faults_of(K.MULTI_DOMAIN, names) == [("domains", "too_many_domains")]


@given(st.text(max_size=400))
def test_no_text_does_worse_than_a_refusal(text):
    try:
        found = parse_domain(text, allow_reserved=True)
    except InvalidInput:
        return
    assert parse_domain(found.ascii, allow_reserved=True) == found
    assert found.ascii.isascii()
    assert len(found.ascii) <= 253


@given(
    st.from_regex(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?\.){1,4}(com|de|co\.uk|test)", fullmatch=True)
)
def test_plain_names_come_back_unchanged(name):
    try:
        found = parse_domain(name, allow_reserved=True)
    except InvalidInput as refused:
        assert refused.code in ("reserved_label", "invalid_idn", "public_suffix", "homograph")
        return
    assert found.ascii == name
    assert isinstance(found, DomainName)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("⒈.test", "The name contains '⒈', which no domain name can hold there."),
        ("a=b.test", "The name contains '=', which no domain name can hold there."),
        ("a b.test", "There is a blank in the name: take it out."),
        ("a\u202eb.test", "There is a character in the name that nobody sees (U+202E): take it out."),
        ("xn--.com", "The name is not valid as an internationalised one (RFC 5891)."),
    ],
)
def test_which_character_is_wrong_and_nothing_of_a_librarys_words(name: str, said: str) -> None:
    """They are English, whoever reads them."""
    with pytest.raises(InvalidInput) as refused:
        parse_domain(name)
    assert refused.value.message == said
