"""Every native rule is broken once, and what we build breaks none: neither ours nor pkilint's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.profiles import ValidationLevel, leaf_contents
from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm
from hanaper.core.x509.certificates import CertificateKind
from hanaper.core.x509.crl import CrlScope, RevocationReason, RevokedEntry, prepare_crl
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.findings import Rulebook, Severity, errors
from hanaper.core.x509.full_linting import lint_crl_fully, lint_fully
from hanaper.core.x509.lint_keys import lint_key
from hanaper.core.x509.lint_rules import RULES
from hanaper.core.x509.linting import lint_crl_natively, lint_natively, profile_shape
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import ADDRESSES, AT, DV, chain, dv_contents, new_key

COMPANY = Subject(country="DE", organization="Müller & Söhne GmbH", locality="Köln", state="NRW")
EV_COMPANY = replace(
    COMPANY,
    business_category="Private Organization",
    jurisdiction_country="DE",
    registration_number="HRB 12345",
)
CLASSIC = [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048]
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


@pytest.mark.parametrize("algorithm", [*CLASSIC, KeyAlgorithm.ML_DSA_65])
@pytest.mark.parametrize("scope", CrlScope)
@pytest.mark.parametrize("point", [None, ADDRESSES.crl])
def test_crls_pass_both_linters(algorithm, scope, point):
    of_cas = scope is CrlScope.CA_CERTIFICATES
    prepared = _crl(chain(algorithm), scope=scope, distribution_point=point)
    assert lint_crl_natively(prepared) == []
    assert lint_crl_fully(prepared.lint_copy, of_cas=of_cas) == []


# What breaks a rule: a good certificate, changed in one place and signed again by the lint key


def rebuilt(prepared, *, drop=(), put=(), key=None, algorithm=None, **fields):
    """`prepared` with fields replaced (builder's names), extensions dropped by type, others put."""
    old = x509.load_der_x509_certificate(prepared.lint_copy)
    putting = {extension.oid for extension in put}
    kept = [
        extension
        for extension in old.extensions
        if not isinstance(extension.value, tuple(drop)) and extension.oid not in putting
    ]
    arguments = {
        "issuer_name": old.issuer,
        "subject_name": old.subject,
        "public_key": key or old.public_key(),
        "serial_number": old.serial_number,
        "not_valid_before": old.not_valid_before_utc.replace(tzinfo=None),
        "not_valid_after": old.not_valid_after_utc.replace(tzinfo=None),
        "extensions": [*kept, *put],
    } | fields
    algorithm = algorithm or prepared.signature_algorithm
    copy = x509.CertificateBuilder(**arguments).sign(lint_key(algorithm), algorithm.hash)
    return _of_copy(prepared, copy.public_bytes(Encoding.DER))


def _of_copy(prepared, lint_copy):
    begin, _ = der.header(lint_copy)
    _, end = der.header(lint_copy, begin)
    return replace(prepared, lint_copy=lint_copy, tbs=lint_copy[begin:end])


def of_version_1(prepared):
    begin, end = der.header(prepared.tbs)
    _, version_end = der.header(prepared.tbs, begin)
    tbs = der.encode(der.SEQUENCE, prepared.tbs[version_end:end])
    return _of_copy(prepared, der.signed(tbs, der.inner_algorithm(tbs), b"\x00"))


def with_other_outer_algorithm(prepared):
    other = der.encode(der.SEQUENCE, bytes.fromhex("06082a8648ce3d040303"))  # ecdsa-with-SHA384
    return _of_copy(prepared, der.signed(prepared.tbs, other, b"\x00"))


def extension(value, critical=False):
    return x509.Extension(value.oid, critical, value)


def usage(*names):
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in names for name in every})


def named(**attributes):
    return x509.Name(
        [
            x509.NameAttribute(getattr(NameOID, oid), value, _validate=False)
            for oid, value in attributes.items()
        ]
    )


def san(*names, critical=True):
    return extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical)


def policy(*oids):
    informations = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return extension(x509.CertificatePolicies(informations))


def eku(*usages):
    return extension(x509.ExtendedKeyUsage(usages))


def crl_at(address):
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
    return extension(x509.CRLDistributionPoints([point]))


NAIVE = AT.replace(tzinfo=None)
OV, EV = "2.23.140.1.2.2", "2.23.140.1.1"
OV_NAME = {"COUNTRY_NAME": "DE", "LOCALITY_NAME": "Bonn", "ORGANIZATION_NAME": "X"}
CA_NAME = {"COUNTRY_NAME": "DE", "ORGANIZATION_NAME": "X", "COMMON_NAME": "Y"}
SCTS_OID = x509.ObjectIdentifier("1.2.3.4")
PLAIN = san("www.example.com", critical=False)
ROOT, MIDDLE, LEAF = CertificateKind.ROOT, CertificateKind.INTERMEDIATE, CertificateKind.LEAF

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
    ("basic_constraints", ROOT, {"put": [extension(x509.BasicConstraints(True, 1), True)]}),
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
    ("alternative_names", LEAF, {"drop": [x509.SubjectAlternativeName]}),
    ("alternative_names", LEAF, {"put": [san("www.example.com", critical=False)]}),
    ("alternative_names", LEAF, {"put": [san("a.example.com", "a.example.com")]}),
    ("dns_name", LEAF, {"put": [san("WWW.example.com")]}),
    ("dns_name", LEAF, {"put": [san("a_b.example.com")]}),
    ("dns_name", LEAF, {"put": [san("a.*.example.com")]}),
    ("dns_name", LEAF, {"put": [san("www.example.com.")]}),
    ("dns_name", LEAF, {"put": [san("x" * 64 + ".example.com")]}),
    ("dns_name", LEAF, {"put": [san(".".join(["x" * 60] * 5))]}),
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
    ("leaf_subject_key", LEAF, {"put": [extension(x509.SubjectKeyIdentifier(b"x"))]}),
]


def _good(kind):
    made = chain()
    return {
        ROOT: made.prepared_root,
        MIDDLE: made.prepared_intermediate,
        LEAF: made.prepare(),
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
        assert lint_natively(rebuilt(_good(kind))) == []


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


# CRLs


def _crl(made, **changes):
    arguments = {
        "number": 3,
        "this_update": AT,
        "next_update": AT + timedelta(days=7),
        "entries": [
            RevokedEntry(new_serial(), AT, RevocationReason.KEY_COMPROMISE),
            RevokedEntry(new_serial(), AT - timedelta(days=1)),
        ],
    } | changes
    return prepare_crl(made.issuer, **arguments)


def crl_rebuilt(prepared, *, extensions=None, entries=None, next_update=None):
    old = x509.load_der_x509_crl(prepared.lint_copy)
    copy = x509.CertificateRevocationListBuilder(
        issuer_name=old.issuer,
        last_update=NAIVE,
        next_update=next_update or NAIVE + timedelta(days=7),
        extensions=list(old.extensions) if extensions is None else extensions,
        revoked_certificates=list(old) if entries is None else entries,
    ).sign(lint_key(prepared.signature_algorithm), hashes.SHA256())
    return replace(prepared, tbs=copy.tbs_certlist_bytes, lint_copy=copy.public_bytes(Encoding.DER))


def entry(*extensions, serial=5, at=NAIVE):
    return x509.RevokedCertificateBuilder(serial, at, list(extensions)).build()


def reason(flag):
    return extension(x509.CRLReason(flag))


NUMBER = extension(x509.CRLNumber(1))
AUTHORITY = extension(x509.AuthorityKeyIdentifier(b"x" * 20, None, None))
POINT = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)

CRL_BROKEN = [
    ("crl_extension", {"extensions": [NUMBER, AUTHORITY, extension(x509.DeltaCRLIndicator(1), True)]}),
    ("crl_extension", {"extensions": [NUMBER, AUTHORITY, extension(POINT, False)]}),
    ("crl_extension_missing", {"extensions": [AUTHORITY]}),
    ("crl_extension_missing", {"extensions": [NUMBER]}),
    ("crl_updates", {"next_update": NAIVE}),
    ("crl_too_seldom", {"next_update": NAIVE + timedelta(days=11)}),
    ("crl_entry", {"entries": [entry(), entry()]}),
    ("crl_entry", {"entries": [entry(at=NAIVE + timedelta(seconds=1))]}),
    ("crl_entry", {"entries": [entry(reason(x509.ReasonFlags.certificate_hold))]}),
    ("crl_entry", {"entries": [entry(reason(x509.ReasonFlags.remove_from_crl))]}),
    ("crl_entry", {"entries": [entry(reason(x509.ReasonFlags.unspecified))]}),
    ("crl_entry", {"entries": [entry(extension(x509.InvalidityDate(NAIVE)))]}),
]


@pytest.mark.parametrize(("code", "how"), CRL_BROKEN)
def test_broken_crl_rule_is_found(code, how):
    broken = crl_rebuilt(_crl(chain()), **how)
    assert code in [finding.code for finding in lint_crl_natively(broken)]


def test_list_of_cas_may_last_a_year():
    half = AT + timedelta(days=180)
    of_cas = _crl(chain(), next_update=half, scope=CrlScope.CA_CERTIFICATES)
    assert lint_crl_natively(of_cas) == []
    of_users = _crl(chain(), next_update=half)
    assert [each.code for each in lint_crl_natively(of_users)] == ["crl_too_seldom"]
    assert lint_crl_natively(of_users, Rulebook.PRIVATE) == []


def test_unreadable_crl_is_a_finding():
    broken = replace(_crl(chain()), lint_copy=b"junk")
    assert [finding.code for finding in lint_crl_natively(broken)] == ["unreadable"]


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
