"""OCSP requests are read strictly, answers written as others read them, and entries of lists as others write them."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import WrongSignature
from hanaper.core.x509.crl import RevocationReason, RevokedEntry, prepare_crl
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.full_linting import lint_answer_fully
from hanaper.core.x509.linting import lint_crl_natively
from hanaper.core.x509.ocsp import (
    GOOD,
    UNKNOWN,
    OcspError,
    PreparedAnswer,
    Signatory,
    Status,
    assemble_answer,
    error_response,
    prepare_answer,
)
from hanaper.core.x509.ocsp_requests import IdHash, MalformedRequest, certificate_id, read_request
from hanaper.core.x509.ocsp_rules import answer_findings
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import AT, chain

DAY = timedelta(days=1)
HASHES = {IdHash.SHA1: hashes.SHA1(), IdHash.SHA256: hashes.SHA256(), IdHash.SHA384: hashes.SHA384(), IdHash.SHA512: hashes.SHA512()}  # fmt: skip


def prepared(*statuses: Status, nonce: bytes | None = None, days: int = 1) -> PreparedAnswer:
    made = chain()
    answers = [(certificate_id(made.issuer, new_serial()), status) for status in statuses or (GOOD,)]
    return prepare_answer(
        Signatory.issuer(made.issuer), answers, this_update=AT, next_update=AT + days * DAY, nonce=nonce
    )


def signed(answer: PreparedAnswer) -> bytes:
    made = chain()
    key, algorithm = made.intermediate_key, answer.signatory.signature_algorithm
    return assemble_answer(answer, made.keystore.sign(key, algorithm, answer.tbs))


@pytest.mark.parametrize("using", IdHash)
def test_what_a_client_asks_is_read_as_it_meant_it(using: IdHash) -> None:
    made, serial = chain(), new_serial()
    leaf = x509.load_der_x509_certificate(made.sign(made.prepare(serial=serial)))
    issuer = x509.load_der_x509_certificate(made.intermediate)
    builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, HASHES[using])
    asked = builder.add_extension(x509.OCSPNonce(b"n" * 32), critical=False).build()
    request = read_request(asked.public_bytes(Encoding.DER))
    (one,) = request.certificates
    assert one == certificate_id(made.issuer, serial, using)
    assert request.nonce == b"\x04\x20" + b"n" * 32


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_malformed(encoded: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read_request(encoded)


@given(st.integers(min_value=0), st.integers(0, 255))
def test_a_request_with_a_wrong_octet_is_read_or_malformed(place: int, octet: int) -> None:
    made = chain()
    whole = bytearray(
        b"\x30\x4e\x30\x4c\x30\x4a\x30\x48" + b"\x30\x46" + certificate_id(made.issuer, 5).encoded
    )
    whole[place % len(whole)] = octet
    with suppress(MalformedRequest):
        read_request(bytes(whole))


def test_others_read_what_is_answered() -> None:
    revoked = Status(known=True, revoked_at=AT - DAY, reason=RevocationReason.PRIVILEGE_WITHDRAWN)
    answer = signed(prepared(GOOD, revoked, UNKNOWN, nonce=b"\x04\x01n"))
    response = ocsp.load_der_ocsp_response(answer)
    found = [(one.certificate_status.name, one.revocation_reason) for one in response.responses]
    assert found == [("GOOD", None), ("REVOKED", x509.ReasonFlags.privilege_withdrawn), ("UNKNOWN", None)]
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n"
    issuer = x509.load_der_x509_certificate(chain().intermediate).public_key()
    assert isinstance(issuer, ec.EllipticCurvePublicKey)
    issuer.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    assert lint_answer_fully(answer) == []


@pytest.mark.parametrize("error", OcspError)
def test_errors_are_responses_of_their_own(error: OcspError) -> None:
    assert ocsp.load_der_ocsp_response(error_response(error)).response_status.name == error.name


def test_a_signature_of_somebody_else_is_no_answer() -> None:
    other = chain(KeyAlgorithm.EC_P384)
    answer = prepared()
    with pytest.raises(WrongSignature):
        assemble_answer(answer, other.keystore.sign(other.intermediate_key, "ecdsa-sha384", answer.tbs))


@pytest.mark.parametrize(
    ("answer", "code", "books"),
    [
        (prepared(Status(known=True, revoked_at=AT + DAY)), "ocsp_revoked", Rulebook),
        (prepared(days=11), "ocsp_too_seldom", [Rulebook.PUBLIC_TLS]),
        (replace(prepared(), tbs=prepared().tbs[:-1]), "unreadable", Rulebook),
    ],
)
def test_native_rules_bite(answer: PreparedAnswer, code: str, books: list[Rulebook]) -> None:
    for book in Rulebook:
        assert [one.code for one in answer_findings(answer, book)] == ([code] if book in books else [])
        assert answer_findings(prepared(nonce=b"\x04\x01n"), book) == []


@given(
    st.lists(
        st.tuples(
            st.integers(1, (1 << 159) - 1),
            st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),
            st.sampled_from(RevocationReason),
        ),
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_entries_are_written_as_the_library_writes_them(
    entries: list[tuple[int, datetime, RevocationReason]],
) -> None:
    made, at = chain(), datetime(2061, 1, 1, tzinfo=UTC)
    ours = prepare_crl(
        made.issuer,
        number=7,
        this_update=at,
        next_update=at + DAY,
        entries=[RevokedEntry(serial, when.replace(tzinfo=UTC), why) for serial, when, why in entries],
    )
    theirs = x509.CertificateRevocationListBuilder(
        issuer_name=made.issuer.name,
        last_update=ours.this_update.replace(tzinfo=None),
        next_update=ours.next_update.replace(tzinfo=None),
        extensions=list(x509.load_der_x509_crl(ours.lint_copy).extensions),
        revoked_certificates=[
            x509.RevokedCertificateBuilder(
                serial,
                when.replace(microsecond=0),
                []
                if why is RevocationReason.UNSPECIFIED
                else [x509.Extension(x509.CRLReason.oid, False, x509.CRLReason(x509.ReasonFlags(why.value)))],
            ).build()
            for serial, when, why in entries
        ],
    ).sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    assert ours.tbs == theirs.tbs_certlist_bytes


@pytest.mark.parametrize("twice", [True, False])
def test_what_no_list_may_say(twice: bool) -> None:
    late = RevokedEntry(5, AT + (-DAY if twice else DAY))
    with pytest.raises(ValueError, match="twice" if twice else "before the list"):
        prepare_crl(
            chain().issuer,
            number=1,
            this_update=AT,
            next_update=AT + DAY,
            entries=[late] * (2 if twice else 1),
        )


def test_a_delta_takes_entries_back_and_a_complete_list_does_not() -> None:
    gone = [RevokedEntry(5, AT, removed=True)]
    for base in (None, 3):
        made = prepare_crl(
            chain().issuer, number=4, this_update=AT, next_update=AT + DAY, entries=gone, base=base
        )
        codes = [one.code for one in lint_crl_natively(made, Rulebook.PRIVATE)]
        assert codes == ([] if base else ["crl_entry"])


@pytest.mark.parametrize("wrong", [{"base": 5}, {"base": 3, "freshest": "http://x.example/d.crl"}])
def test_a_delta_adds_to_an_older_list_and_names_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="delta"):
        prepare_crl(
            chain().issuer,
            number=4,
            this_update=AT,
            next_update=AT + DAY,
            entries=[],
            **wrong,  # type: ignore[arg-type]
        )
