"""Every native rule is broken once, and what we build breaks none: neither ours nor pkilint's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.profiles import ValidationLevel, leaf_contents
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm
from hanaper.core.x509.certificates import CertificateKind, prepare_intermediate
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.findings import Rulebook, Severity, errors
from hanaper.core.x509.full_linting import lint_crl_fully, lint_fully
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.lint_rules import RULES
from hanaper.core.x509.linting import lint_natively, profile_shape
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import ADDRESSES, AT, DV, chain, dv_contents, new_key
from tests.core.x509.rebuilt_certificates import (
    NAIVE,
    crl_at,
    eku,
    extension,
    named,
    of_the_same_key,
    of_version_1,
    policy,
    rebuilt,
    san,
    uri,
    usage,
    with_other_outer_algorithm,
)

CLASSIC = [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048]
COMPANY = Subject(country="DE", organization="Müller & Söhne GmbH", locality="Köln", state="NRW")
EV_COMPANY = replace(
    COMPANY,
    business_category="Private Organization",
    jurisdiction_country="DE",
    registration_number="HRB 12345",
)
LEVELS = [
    (ValidationLevel.DV, DomainKind.SINGLE, ["www.example.com"], None),
    (ValidationLevel.DV, DomainKind.MULTI_WILDCARD, ["*.a.example.com", "*.b.example.com"], None),
    (ValidationLevel.OV, DomainKind.HYBRID, ["*.bücher.de", "bücher.at"], COMPANY),
    (ValidationLevel.EV, DomainKind.MULTI_DOMAIN, ["example.com", "www.example.com"], EV_COMPANY),
]


# What we build


@pytest.mark.parametrize("algorithm", CLASSIC)
def test_cas_pass_both_linters(algorithm):
    made = chain(algorithm)
    for prepared, signed in (
        (made.prepared_root, made.root),
        (made.prepared_intermediate, made.intermediate),
    ):
        assert lint_natively(prepared) == []
        assert {each.severity for each in lint_fully(signed)} <= {Severity.NOTICE}


@pytest.mark.parametrize("issuing", CLASSIC)
@pytest.mark.parametrize("subject_key", [KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_3072])
@pytest.mark.parametrize(("level", "kind", "names", "company"), LEVELS)
def test_leaves_pass_both_linters(issuing, subject_key, level, kind, names, company):
    made = chain(issuing)
    contents = leaf_contents(level, parse_domains(kind, names), company)
    _, spki = made.keystore.generate(subject_key)
    prepared = made.prepare(contents, spki=spki, not_after=AT + timedelta(days=199) - timedelta(seconds=1))
    assert lint_natively(prepared) == []
    assert lint_fully(made.sign(prepared)) == []


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ML_DSA_44, KeyAlgorithm.ML_DSA_87])
def test_private_ml_dsa_chain_passes_the_private_book(algorithm):
    made = chain(algorithm)
    contents = replace(dv_contents("*.internal.example.com"), key_identifier=True)
    for prepared in (made.prepared_root, made.prepared_intermediate, made.prepare(contents)):
        assert lint_natively(prepared, Rulebook.PRIVATE) == []
        assert lint_fully(prepared.lint_copy, Rulebook.PRIVATE) == []


OV, EV = "2.23.140.1.2.2", "2.23.140.1.1"
OV_NAME = {"COUNTRY_NAME": "DE", "LOCALITY_NAME": "Bonn", "ORGANIZATION_NAME": "X"}
CA_NAME = {"COUNTRY_NAME": "DE", "ORGANIZATION_NAME": "X", "COMMON_NAME": "Y"}
SCTS_OID = x509.ObjectIdentifier("1.2.3.4")
PLAIN = san("www.example.com", critical=False)
ROOT, MIDDLE, LEAF = CertificateKind.ROOT, CertificateKind.INTERMEDIATE, CertificateKind.LEAF
LINK = CertificateKind.LINK

BROKEN = [
    ("version", LEAF, of_version_1),
    ("serial", LEAF, {"serial_number": 5}),
    ("signature_algorithm", LEAF, {"algorithm": SignatureAlgorithm.ECDSA_SHA384}),
    ("signature_algorithm", LEAF, {"algorithm": SignatureAlgorithm.RSA_SHA256}),
    ("signature_algorithm", LEAF, with_other_outer_algorithm),
    ("key_algorithm", LEAF, {"key": ec.generate_private_key(ec.SECP521R1()).public_key()}),
    ("public_key_algorithm", LEAF, {"key": new_key(KeyAlgorithm.ML_DSA_44).public_key()}),
    ("validity_order", LEAF, {"not_valid_before": NAIVE, "not_valid_after": NAIVE}),
    ("issuer_empty", LEAF, {"issuer_name": x509.Name([])}),
    ("ca_subject_empty", MIDDLE, {"subject_name": x509.Name([])}),
    ("root_self_issued", ROOT, {"issuer_name": named(COMMON_NAME="Somebody else")}),
    ("issuer_is_subject", MIDDLE, {"subject_name": named(**CA_NAME), "issuer_name": named(**CA_NAME)}),
    ("subject_value", LEAF, {"subject_name": named(ORGANIZATION_NAME="a\nb")}),
    ("subject_value", LEAF, {"subject_name": named(ORGANIZATION_NAME="-")}),
    ("subject_value", LEAF, {"subject_name": named(ORGANIZATION_NAME=" X")}),
    ("subject_value", LEAF, {"subject_name": named(ORGANIZATION_NAME="x" * 65)}),
    ("subject_value", LEAF, {"subject_name": named(COUNTRY_NAME="de")}),
    ("basic_constraints", LEAF, {"drop": [x509.BasicConstraints]}),
    ("basic_constraints", LEAF, {"put": [extension(x509.BasicConstraints(True, None), True)]}),
    ("basic_constraints", LEAF, {"put": [extension(x509.BasicConstraints(False, None), False)]}),
    ("basic_constraints", MIDDLE, {"put": [extension(x509.BasicConstraints(False, None), True)]}),
    ("root_path_length", ROOT, {"put": [extension(x509.BasicConstraints(True, 1), True)]}),
    ("link_of_one_key", LINK, {"subject_name": named(**CA_NAME)}),
    ("link_of_one_key", LINK, of_the_same_key),
    ("key_usage", LEAF, {"drop": [x509.KeyUsage]}),
    ("key_usage", LEAF, {"put": [extension(usage("digital_signature"), False)]}),
    ("key_usage", LEAF, {"put": [extension(usage("digital_signature", "key_cert_sign"), True)]}),
    ("key_usage", LEAF, {"put": [extension(usage("key_agreement"), True)]}),
    ("key_usage", LEAF, {"put": [extension(usage("digital_signature", "key_encipherment"), True)]}),
    ("key_usage", MIDDLE, {"put": [extension(usage("key_cert_sign"), True)]}),
    ("key_usage", ROOT, {"put": [extension(usage("key_cert_sign", "crl_sign", "key_agreement"), True)]}),
    ("authority_key", LEAF, {"drop": [x509.AuthorityKeyIdentifier]}),
    (
        "authority_key",
        LEAF,
        {"put": [extension(x509.AuthorityKeyIdentifier(b"x", [x509.DirectoryName(named())], 1))]},
    ),
    ("root_key_identifiers", ROOT, {"put": [extension(x509.SubjectKeyIdentifier(b"another"))]}),
    ("subject_key", MIDDLE, {"drop": [x509.SubjectKeyIdentifier]}),
    ("criticality", LEAF, {"put": [x509.Extension(policy(DV).oid, True, policy(DV).value)]}),
    ("no_alternative_names", LEAF, {"drop": [x509.SubjectAlternativeName]}),
    ("alternative_names", LEAF, {"put": [san("www.example.com", critical=False)]}),
    ("alternative_names", LEAF, {"put": [san("a.example.com", "a.example.com")]}),
    ("dns_name", LEAF, {"put": [san("WWW.example.com")]}),
    ("dns_name", LEAF, {"put": [san("a_b.example.com")]}),
    ("dns_name", LEAF, {"put": [san("a.*.example.com")]}),
    ("dns_name", LEAF, {"put": [san("www.example.com.")]}),
    ("dns_name", LEAF, {"put": [san("x" * 64 + ".example.com")]}),
    ("dns_name", LEAF, {"put": [san(".".join(["x" * 60] * 5))]}),
    ("uri_name", LEAF, {"put": [uri("corp.example/x")]}),
    ("uri_name", LEAF, {"put": [uri("SPIFFE://Corp.example/x")]}),
    ("uri_name", LEAF, {"put": [uri("https://ada@corp.example/")]}),
    ("uri_name", LEAF, {"put": [uri("https://corp.example:123456/")]}),
    ("status_address", LEAF, {"put": [crl_at("https://status.example.com/1.crl")]}),
    ("status_address", LEAF, {"put": [crl_at("ldap://status.example.com/")]}),
    (
        "status_address",
        MIDDLE,
        {
            "put": [
                extension(
                    x509.CRLDistributionPoints(
                        [
                            x509.DistributionPoint(
                                None, None, None, [x509.DirectoryName(named(COMMON_NAME="x"))]
                            )
                        ]
                    )
                )
            ]
        },
    ),
    ("any_extended_key_usage", LEAF, {"put": [eku(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)]}),
    ("any_extended_key_usage", LEAF, {"drop": [x509.ExtendedKeyUsage]}),
    ("extension_not_expected", LEAF, {"put": [extension(x509.UnrecognizedExtension(SCTS_OID, b"\x05\x00"))]}),
    ("extension_not_expected", ROOT, {"put": [eku(ExtendedKeyUsageOID.SERVER_AUTH)]}),
    ("validity_too_long", LEAF, {"not_valid_after": NAIVE + timedelta(days=200)}),
    ("root_validity", ROOT, {"not_valid_after": NAIVE + timedelta(days=2000)}),
    ("root_validity", ROOT, {"not_valid_after": NAIVE + timedelta(days=9200)}),
    ("extended_key_usage", LEAF, {"drop": [x509.ExtendedKeyUsage]}),
    (
        "extended_key_usage",
        LEAF,
        {"put": [eku(ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)]},
    ),
    ("extended_key_usage", MIDDLE, {"drop": [x509.ExtendedKeyUsage]}),
    ("policy", LEAF, {"drop": [x509.CertificatePolicies]}),
    ("policy", LEAF, {"put": [policy("1.2.3.4")]}),
    ("policy", LEAF, {"put": [policy("1.2.3.4", "2.23.140.1.2.1")]}),
    ("policy", LEAF, {"put": [policy("2.23.140.1.2.1", "2.5.29.32.0")]}),
    ("policy", LEAF, {"put": [policy("2.23.140.1.2.1", OV)]}),
    ("policy", LEAF, {"put": [policy("2.5.29.32.0")]}),
    ("subject_for_policy", LEAF, {"put": [policy(OV)]}),
    ("subject_for_policy", LEAF, {"subject_name": named(**OV_NAME), "put": [PLAIN]}),
    ("subject_for_policy", LEAF, {"subject_name": named(**OV_NAME), "put": [PLAIN, policy(EV)]}),
    (
        "subject_for_policy",
        LEAF,
        {"subject_name": named(COUNTRY_NAME="DE", ORGANIZATION_NAME="X"), "put": [PLAIN, policy(OV)]},
    ),
    (
        "subject_for_policy",
        LEAF,
        {
            "subject_name": x509.Name([*named(**OV_NAME), *named(ORGANIZATION_NAME="Z")]),
            "put": [PLAIN, policy(OV)],
        },
    ),
    ("ev_wildcard", LEAF, {"put": [policy(EV), san("*.example.com")]}),
    (
        "only_dns_names",
        LEAF,
        {"put": [extension(x509.SubjectAlternativeName([x509.RFC822Name("a@example.com")]), True)]},
    ),
    ("internal_name", LEAF, {"put": [san("server")]}),
    ("common_name_in_names", LEAF, {"subject_name": named(COMMON_NAME="b.example.com"), "put": [PLAIN]}),
    ("ca_subject", MIDDLE, {"subject_name": named(COMMON_NAME="x")}),
    ("crl_address_missing", LEAF, {"drop": [x509.CRLDistributionPoints]}),
    ("issuer_address_missing", LEAF, {"drop": [x509.AuthorityInformationAccess]}),
    ("responder", LEAF, {"put": [eku(ExtendedKeyUsageOID.OCSP_SIGNING)]}),
    ("responder", LEAF, {"put": [extension(x509.OCSPNoCheck(), False)]}),
    ("leaf_subject_key", LEAF, {"put": [extension(x509.SubjectKeyIdentifier(b"x"))]}),
]


def _link(made):
    """The new key of the chain's root, certified by the old one."""
    _, spki = made.keystore.generate(KeyAlgorithm.EC_P256)
    return prepare_intermediate(
        subject=x509.load_der_x509_certificate(made.root).subject,
        spki=spki,
        issuer=Issuer.of_certificate(made.root),
        not_before=AT,
        not_after=AT + timedelta(days=365),
        serial=new_serial(),
        addresses=ADDRESSES,
        path_length=None,
        link=True,
    )


def _good(kind):
    made = chain()
    return {
        ROOT: made.prepared_root,
        MIDDLE: made.prepared_intermediate,
        LEAF: made.prepare(),
        LINK: _link(made),
    }[kind]


@pytest.mark.parametrize(("code", "kind", "how"), BROKEN)
def test_broken_rule_is_found(code, kind, how):
    good = _good(kind)
    broken = how(good) if callable(how) else rebuilt(good, **how)
    found = [finding for finding in lint_natively(broken) if finding.code == code]
    assert found, lint_natively(broken)
    rule = next(each for each in RULES if each.code == code)
    assert {(each.severity, each.source) for each in found} == {(rule.severity, rule.source)}


def test_every_rule_is_broken_above():
    assert {rule.code for rule in RULES} == {code for code, _, _ in BROKEN}


def test_rebuilding_alone_breaks_nothing():
    for kind in CertificateKind:
        book = Rulebook.PRIVATE if kind is LINK else Rulebook.PUBLIC_TLS
        assert lint_natively(rebuilt(_good(kind)), book) == []


def test_a_link_passes_both_linters():
    link = _link(chain())
    assert lint_natively(link, Rulebook.PRIVATE) == [] and lint_fully(link.lint_copy, Rulebook.PRIVATE) == []


def test_limit_of_validity_is_the_rule_at_issue_to_the_second():
    last = timedelta(days=200) - timedelta(seconds=1)
    assert lint_natively(chain().prepare(not_after=AT + last)) == []
    over = lint_natively(chain().prepare(not_after=AT + last + timedelta(seconds=1)))
    assert [finding.code for finding in over] == ["validity_too_long"]


def test_private_book_is_shorter():
    made = chain()
    addresses = StatusAddresses()
    contents = replace(dv_contents("db01"), policies=(), key_identifier=True)
    prepared = made.prepare(contents, addresses=addresses, not_after=AT + timedelta(days=900))
    assert lint_natively(prepared, Rulebook.PRIVATE) == []
    assert {finding.code for finding in errors(lint_natively(prepared))} == {
        "validity_too_long", "policy", "internal_name", "crl_address_missing",
    }  # fmt: skip


def test_copy_of_something_else_is_not_linted():
    made = chain()
    swapped = replace(made.prepare(), tbs=made.prepare().tbs)
    assert [finding.code for finding in lint_natively(swapped)] == ["unreadable"]


@pytest.mark.parametrize("junk", [b"", b"0\x00", b"\x30\x82\xff\xff", b"not der"])
def test_junk_is_a_finding_and_no_crash(junk):
    assert [each.code for each in lint_natively(replace(chain().prepare(), lint_copy=junk))] == ["unreadable"]
    assert lint_fully(junk)[0].severity is Severity.ERROR
    assert lint_crl_fully(junk)[0].severity is Severity.ERROR


def test_pkilint_sees_what_the_native_rules_see():
    """A second opinion on a few of them, so that neither is silently blind."""
    for how in (
        {"not_valid_after": NAIVE + timedelta(days=400)},
        {"drop": [x509.ExtendedKeyUsage]},
        {"put": [san("a_b.example.com")]},
        {"drop": [x509.AuthorityKeyIdentifier]},
    ):
        broken = rebuilt(_good(LEAF), **how)
        assert errors(lint_fully(broken.lint_copy)), how
        assert errors(lint_natively(broken)), how


# Shapes


def test_shape_is_the_same_for_other_values():
    made = chain()
    assert profile_shape(made.prepare()) == profile_shape(made.prepare(dv_contents("b.example.org")))


@pytest.mark.parametrize(
    "change",
    [
        {"contents": dv_contents("*.example.com")},
        {"contents": dv_contents("xn--bcher-kva.de")},
        {"contents": replace(dv_contents("a.example.com"), policies=(OV,))},
        {"contents": replace(dv_contents("a.example.com"), key_identifier=True)},
        {"contents": replace(dv_contents("a.example.com"), subject=to_name(COMPANY))},
        {
            "contents": replace(
                dv_contents("a.example.com"), extended_key_usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)
            )
        },
        {"not_after": AT + timedelta(days=30)},
        {"addresses": StatusAddresses(crl=ADDRESSES.crl)},
        {"addresses": replace(ADDRESSES, ocsp="http://status.example.com/ocsp")},
    ],
)
def test_shape_differs_for_what_a_rule_may_turn_on(change):
    made = chain()
    assert profile_shape(made.prepare(**change)) != profile_shape(made.prepare())


def test_shape_differs_by_kind_of_key():
    made = chain()
    _, spki = made.keystore.generate(KeyAlgorithm.RSA_2048)
    assert profile_shape(made.prepare(spki=spki)) != profile_shape(made.prepare())


def test_ocsp_address_is_carried_when_given():
    prepared = chain().prepare(addresses=replace(ADDRESSES, ocsp="http://status.example.com/ocsp"))
    certificate = x509.load_der_x509_certificate(prepared.lint_copy)
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.access_method for each in access] == [
        AuthorityInformationAccessOID.OCSP,
        AuthorityInformationAccessOID.CA_ISSUERS,
    ]
    assert lint_natively(prepared) == []
    assert lint_fully(prepared.lint_copy) == []


def test_a_status_address_may_be_one_inside_a_house():
    """Names do not become so: only where the status is published is the operator's to say."""
    inside = replace(ADDRESSES, crl="http://status.corp/crl/1", ocsp="http://status.corp/ocsp")
    assert lint_fully(chain().prepare(addresses=inside).lint_copy) == []
    names = dv_contents("www.corp")
    assert any("corp" in one.message for one in lint_fully(chain().prepare(names).lint_copy))
