"""Preparing and assembling: what comes out, and what is refused. openssl is the peer in another file."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import (
    KeyAlgorithm,
    UnsupportedKey,
    load_public_key,
    spki_of,
    verifies,
)
from hanaper.core.x509.certificates import (
    LeafContents,
    WrongSignature,
    assemble,
    assemble_signed,
    dns_names,
    prepare_leaf,
)
from hanaper.core.x509.crl import (
    CrlScope,
    RevocationReason,
    RevokedEntry,
    prepare_crl,
)
from hanaper.core.x509.issuer import Issuer, key_identifier
from hanaper.core.x509.names import Subject, subject_faults, to_name
from hanaper.core.x509.serials import new_serial, serial_hex
from tests.core.x509.certificate_chains import ADDRESSES, AT, Keystore, ca_name, chain, dv_contents

ISSUING_KEYS = [
    KeyAlgorithm.EC_P256,
    KeyAlgorithm.EC_P384,
    KeyAlgorithm.RSA_2048,
    KeyAlgorithm.ED25519,
    KeyAlgorithm.ML_DSA_44,
    KeyAlgorithm.ML_DSA_65,
    KeyAlgorithm.ML_DSA_87,
]


@pytest.mark.parametrize("algorithm", ISSUING_KEYS)
def test_chain_verifies_with_cryptography(algorithm):
    made = chain(algorithm)
    leaf = x509.load_der_x509_certificate(made.sign(made.prepare()))
    intermediate = x509.load_der_x509_certificate(made.intermediate)
    root = x509.load_der_x509_certificate(made.root)
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)


def test_what_is_signed_is_what_was_prepared():
    made = chain()
    prepared = made.prepare()
    certificate = x509.load_der_x509_certificate(made.sign(prepared))
    assert certificate.tbs_certificate_bytes == prepared.tbs
    assert made.keystore.asked[-1] == (made.intermediate_key, "ecdsa-sha256", prepared.tbs)
    assert certificate.serial_number == prepared.serial
    assert certificate.not_valid_before_utc == prepared.not_before == AT
    assert certificate.not_valid_after_utc == prepared.not_after


def test_lint_copy_differs_in_nothing_but_the_signature():
    prepared = chain().prepare()
    copy = x509.load_der_x509_certificate(prepared.lint_copy)
    assert copy.tbs_certificate_bytes == prepared.tbs
    assert not verifies(prepared.issuer_spki, copy.signature, copy.tbs_certificate_bytes)


def test_signature_of_another_key_is_refused():
    made = chain()
    prepared = made.prepare()
    stranger = Keystore()
    key, _ = stranger.generate(KeyAlgorithm.EC_P256)
    with pytest.raises(WrongSignature):
        assemble(prepared, stranger.sign(key, prepared.signature_algorithm, prepared.tbs))


@pytest.mark.parametrize("algorithm", ISSUING_KEYS)
@pytest.mark.parametrize("signature", [b"", b"\x00" * 64, b"0" * 256])
def test_nonsense_is_no_signature(algorithm, signature):
    with pytest.raises(WrongSignature):
        assemble(chain(algorithm).prepare(), signature)


def test_signature_over_other_bytes_is_refused():
    made = chain()
    prepared, other = made.prepare(), made.prepare()
    signature = made.keystore.sign(made.intermediate_key, "ecdsa-sha256", other.tbs)
    with pytest.raises(WrongSignature):
        assemble(prepared, signature)


def test_assembled_after_a_crash_from_what_was_stored():
    made = chain()
    prepared = made.prepare()
    signature = made.keystore.sign(made.intermediate_key, prepared.signature_algorithm, prepared.tbs)
    stored = (bytes(prepared.tbs), signature, made.issuer.spki)
    assert assemble_signed(*stored) == assemble(prepared, signature)


def test_leaf_carries_exactly_these_extensions():
    certificate = x509.load_der_x509_certificate(chain().prepare().lint_copy)
    found = {extension.oid: extension.critical for extension in certificate.extensions}
    assert found == {
        ExtensionOID.BASIC_CONSTRAINTS: True,
        ExtensionOID.KEY_USAGE: True,
        ExtensionOID.EXTENDED_KEY_USAGE: False,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME: True,  # the subject is empty
        ExtensionOID.CERTIFICATE_POLICIES: False,
        ExtensionOID.CRL_DISTRIBUTION_POINTS: False,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS: False,
    }


def test_names_are_not_critical_beside_a_subject():
    contents = LeafContents(to_name(Subject(common_name="a.example.com")), dns_names(["a.example.com"]))
    certificate = x509.load_der_x509_certificate(chain().prepare(contents).lint_copy)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not names.critical


def test_key_identifiers_link_the_chain():
    made = chain()
    leaf = x509.load_der_x509_certificate(made.prepare().lint_copy)
    authority = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == made.issuer.key_identifier == key_identifier(made.issuer.spki)
    assert len(authority.key_identifier) == 20


def test_certificate_does_not_outlive_its_issuer():
    made = chain()
    with pytest.raises(ValueError, match="outlive"):
        made.prepare(not_after=made.issuer.not_after + timedelta(seconds=1))
    assert made.prepare(not_after=made.issuer.not_after).not_after == made.issuer.not_after


@pytest.mark.parametrize(
    "changes",
    [
        {"not_after": AT},
        {"not_before": datetime(2026, 11, 23)},
        {"contents": LeafContents(to_name(Subject()), ())},
        {"spki": b"not a key"},
        {"spki": spki_of(ec.generate_private_key(ec.SECP521R1()).public_key())},
        {"serial": 0},
        {"serial": 1 << 159},
    ],
)
def test_senseless_contents_are_refused(changes):
    with pytest.raises(ValueError):
        chain().prepare(changes.pop("contents", None), **changes)


def test_times_lose_fractions_and_become_utc():
    east = timezone(timedelta(hours=8))
    prepared = chain().prepare(not_before=AT.astimezone(east).replace(microsecond=999_999))
    assert prepared.not_before == AT
    assert prepared.not_before.tzinfo is UTC


def test_leaf_is_no_issuer():
    made = chain()
    leaf = made.sign(made.prepare())
    with pytest.raises(ValueError, match="not a CA"):
        Issuer.of_certificate(leaf)


def test_serials_are_unguessable_and_of_one_size():
    serials = {new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert {serial.bit_length() for serial in serials} == {159}
    assert serial_hex(0xABC) == "0ABC"


@given(st.binary(max_size=70_000))
def test_der_lengths_round_trip(content):
    encoded = der.encode(der.SEQUENCE, content)
    begin, end = der.header(encoded)
    assert encoded[begin:end] == content
    assert end == len(encoded)


def test_every_key_algorithm_is_told_apart():
    for algorithm in KeyAlgorithm:
        _, spki = Keystore().generate(algorithm)
        assert load_public_key(spki)[1] is algorithm


def test_other_keys_are_not_loaded():
    spki = ed448.Ed448PrivateKey.generate().public_key()
    with pytest.raises(UnsupportedKey):
        load_public_key(spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_name_has_the_order_of_the_rules():
    subject = Subject(
        common_name="c",
        organization="o",
        locality="l",
        state="s",
        country="DE",
        jurisdiction_country="DE",
        registration_number="HRB 1",
        business_category="Private Organization",
    )
    fields = [attribute.rfc4514_attribute_name for attribute in to_name(subject)]
    assert fields[-5:] == ["C", "ST", "L", "O", "CN"]


@pytest.mark.parametrize(
    ("subject", "field"),
    [
        (Subject(country="Germany"), "country"),
        (Subject(country="de"), "country"),
        (Subject(jurisdiction_country=""), "jurisdiction_country"),
        (Subject(organization="x" * 65), "organization"),
        (Subject(organization="a\nb"), "organization"),
        (Subject(organization="\ud800"), "organization"),
        (Subject(locality="-"), "locality"),
        (Subject(locality=" Bonn"), "locality"),
        (Subject(locality=""), "locality"),
        (Subject(registration_number="№ 5"), "registration_number"),
        (Subject(common_name="R\u202eoot"), "common_name"),
        (Subject(organization="Ex\u200bample"), "organization"),
    ],
)
def test_wrong_subject_fields_are_named(subject, field):
    assert [fault.field for fault in subject_faults(subject)] == [f"subject.{field}"]
    with pytest.raises(ValueError):
        to_name(subject)


def _crl(made, **changes):
    arguments = {
        "number": 7,
        "this_update": AT,
        "next_update": AT + timedelta(days=7),
        "entries": [],
    } | changes
    return prepare_crl(made.issuer, **arguments)


@pytest.mark.parametrize("algorithm", ISSUING_KEYS)
def test_crl_is_signed_by_its_issuer(algorithm):
    made = chain(algorithm)
    entries = [RevokedEntry(new_serial(), AT, reason) for reason in RevocationReason]
    crl = x509.load_der_x509_crl(made.sign_crl(_crl(made, entries=iter(entries))))
    assert crl.is_signature_valid(load_public_key(made.issuer.spki)[0])
    assert [entry.serial_number for entry in crl] == [entry.serial for entry in entries]
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7


def test_crl_gives_each_reason_and_leaves_unspecified_out():
    entries = [RevokedEntry(new_serial(), AT, reason) for reason in RevocationReason]
    crl = x509.load_der_x509_crl(_crl(chain(), entries=entries).lint_copy)
    for wanted, entry in zip(RevocationReason, crl, strict=True):
        reasons = [extension.value.reason.value for extension in entry.extensions]
        assert reasons == ([] if wanted is RevocationReason.UNSPECIFIED else [wanted.value])
        assert RevocationReason.of_code(wanted.code) is wanted


@pytest.mark.parametrize("code", [-1, 7, 8, 10, 11])
def test_reasons_that_nobody_may_give(code):
    with pytest.raises(ValueError):
        RevocationReason.of_code(code)


@pytest.mark.parametrize("scope", CrlScope)
def test_crl_says_its_scope(scope):
    crl = x509.load_der_x509_crl(_crl(chain(), scope=scope, distribution_point=ADDRESSES.crl).lint_copy)
    point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert point.critical
    assert point.value.full_name == [x509.UniformResourceIdentifier(ADDRESSES.crl)]
    assert point.value.only_contains_user_certs is (scope is CrlScope.USER_CERTIFICATES)
    assert point.value.only_contains_ca_certs is (scope is CrlScope.CA_CERTIFICATES)


@pytest.mark.parametrize(
    "changes",
    [
        {"next_update": AT},
        {"number": -1},
        {"number": 1 << 159},
        {"this_update": datetime(2026, 1, 1)},
        {"entries": [RevokedEntry(0, AT)]},
        {"entries": [RevokedEntry(1 << 159, AT)]},
        {"entries": [RevokedEntry(5, datetime(2026, 1, 1))]},
    ],
)
def test_senseless_crl_is_refused(changes):
    with pytest.raises(ValueError):
        _crl(chain(), **changes)


def test_big_crl_is_built_in_linear_time():
    entries = (RevokedEntry((1 << 158) + index, AT) for index in range(20_000))
    prepared = _crl(chain(), entries=entries)
    assert prepared.entries == 20_000
    assert len(prepared.tbs) > 20_000 * 30


def test_crl_signature_of_another_issuer_is_refused():
    made = chain()
    with pytest.raises(WrongSignature):
        made.sign_crl(_crl(made), by_root=True)


def test_leaf_of_another_ca_name_is_its_issuers():
    made = chain()
    prepared = prepare_leaf(
        dv_contents("a.example.com"),
        spki=made.leaf_spki,
        issuer=made.root_issuer,
        not_before=AT,
        not_after=AT + timedelta(days=1),
        serial=new_serial(),
        addresses=ADDRESSES,
    )
    assert x509.load_der_x509_certificate(prepared.lint_copy).issuer == ca_name("Test Root")
