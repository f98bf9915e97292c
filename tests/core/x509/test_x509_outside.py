"""What comes back from a CA that is not here: each thing that may be wrong with it is found, and only that."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hanaper.core.x509.algorithms import spki_of
from hanaper.core.x509.outside import MOST, chain_faults, read_pem_chain

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
YEAR = timedelta(days=365)
OURS, ROOT, BETWEEN = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
SMALL = rsa.generate_private_key(65537, 1024)
CA_USAGE = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
NO_USAGE = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
ANY_CA = x509.BasicConstraints(True, None)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


def certificate(
    subject: str, issuer: str, key: Any, signer: Any, *, begins: datetime = AT - YEAR, ends: datetime = AT + YEAR,
    basic: x509.BasicConstraints | None = ANY_CA, usage: x509.KeyUsage | None = CA_USAGE,
    identified: bool = True, also: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> x509.Certificate:  # fmt: skip
    public = key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = list(also)
    if basic:
        extensions.append((basic, True))
    if usage:
        extensions.append((usage, True))
    if identified:
        extensions.append((x509.SubjectKeyIdentifier.from_public_key(public), False))
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        extensions.append((issuer_key, False))
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(signer, hashes.SHA256())


def own(issuer: str = "Root", signer: Any = ROOT, **changes: Any) -> x509.Certificate:
    return certificate(**{"subject": "Ours", "key": OURS, **changes}, issuer=issuer, signer=signer)


def root(**changes: Any) -> x509.Certificate:
    return certificate(**{"subject": "Root", "issuer": "Root", "key": ROOT, "signer": ROOT, **changes})


def between(**changes: Any) -> x509.Certificate:
    return certificate(**{"subject": "Between", "issuer": "Root", "key": BETWEEN, "signer": ROOT, **changes})


def codes(*chain: x509.Certificate) -> set[tuple[str, str]]:
    found = chain_faults(chain, spki_of(OURS.public_key()), AT, "chain")
    return {(fault.field, fault.code) for fault in found}


@pytest.mark.parametrize(
    "chain",
    [
        [own, root],
        [own, lambda: root(usage=None)],
        [lambda: own("Between", BETWEEN), between, root],
        [lambda: own("Between", BETWEEN, basic=x509.BasicConstraints(True, 0)), between, root],
        [
            lambda: own("Between", BETWEEN),
            lambda: between(basic=x509.BasicConstraints(True, 1)),
            lambda: root(basic=x509.BasicConstraints(True, 2)),
        ],
    ],
)
def test_a_good_chain(chain: list[Callable[[], x509.Certificate]]) -> None:
    assert codes(*(make() for make in chain)) == set()


def constrained(kind: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints([kind], None)


@pytest.mark.parametrize(
    ("chain", "found"),
    [
        ([lambda: own(key=BETWEEN), root], {("chain.0", "not_the_key")}),
        ([lambda: own(subject=""), root], {("chain.0", "no_subject")}),
        ([lambda: own(ends=AT), root], {("chain.0", "not_valid_now")}),
        ([lambda: own(begins=AT + timedelta(1)), root], {("chain.0", "not_valid_now")}),
        ([own, lambda: root(ends=AT - timedelta(1))], {("chain.1", "not_valid_now")}),
        ([lambda: own(basic=x509.BasicConstraints(False, None)), root], {("chain.0", "not_a_ca")}),
        ([lambda: own(basic=None), root], {("chain.0", "not_a_ca")}),
        ([own, lambda: root(basic=None)], {("chain.1", "not_a_ca")}),
        ([lambda: own(usage=NO_USAGE), root], {("chain.0", "cannot_sign")}),
        ([lambda: own(usage=None), root], {("chain.0", "cannot_sign")}),
        ([own, lambda: root(usage=NO_USAGE)], {("chain.1", "cannot_sign")}),
        ([lambda: own(identified=False), root], {("chain.0", "no_key_identifier")}),
        ([own, lambda: root(basic=x509.BasicConstraints(True, 0))], {("chain.1", "path_too_long")}),
        (
            [lambda: own("Between", BETWEEN), lambda: between(basic=x509.BasicConstraints(True, 0)), root],
            {("chain.1", "path_too_long")},
        ),
        (
            [lambda: own("Between", BETWEEN), between, lambda: root(basic=x509.BasicConstraints(True, 0))],
            {("chain.2", "path_too_long")},
        ),
        (
            [lambda: own(also=((x509.PolicyConstraints(0, None), True),)), root],
            {("chain.0", "not_understood")},
        ),
        (
            [lambda: own(also=((constrained(x509.DirectoryName(name("x"))), True),)), root],
            {("chain.0", "constraint_not_understood")},
        ),
        ([lambda: own(also=((constrained(x509.DNSName("corp.example")), True),)), root], set()),
        ([lambda: own(signer=BETWEEN), root], {("chain.0", "not_signed_by_next")}),
        ([lambda: own("Else"), root], {("chain.0", "not_signed_by_next")}),
        ([lambda: own("Between", BETWEEN), between], {("chain.1", "chain_incomplete")}),
        ([own, lambda: root(signer=BETWEEN)], {("chain.1", "not_signed_by_next")}),
        (
            [lambda: own(signer=SMALL), lambda: root(key=SMALL, signer=SMALL)],
            {("chain.1", "weak_key")},
        ),
    ],
)
def test_each_fault(chain: list[Callable[[], x509.Certificate]], found: set[tuple[str, str]]) -> None:
    assert codes(*(make() for make in chain)) == found


# openssl req -x509 -newkey rsa:2048 -sha1 -subj /CN=Root: no library here makes one any more.
_SHA1 = b"""-----BEGIN CERTIFICATE-----
MIIDATCCAemgAwIBAgIUaaEbgFYxKZ9B6AWbaT6gvDC4oyswDQYJKoZIhvcNAQEF
BQAwDzENMAsGA1UEAwwEUm9vdDAgFw0yNjExMjkwNDU0MjNaGA8yMDgxMDkwMTA0
NTQyM1owDzENMAsGA1UEAwwEUm9vdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
AQoCggEBAL72knNCrB5O3dUwXgqEWKHcpRGVRam2bpgJcrqR2aL+oxtw1efY8Bzn
ICeh74jsPJrm9b3s9XOpi5hNBmmy/5i4M4zVnf4BM3AvB/9vK8GWvlbY8xz7Dj9a
MlWG15HZTHof/GVA48VH4j4VQ2DCcwt9lFTa8a46Ogywc6jCymh0Ry1/bJbL7g0s
mq3ig0N/BqRYDS729y2ngj71ctZU7Z1oT17fYX/K+P8gjYlhTEozTI/3wx6KZrqU
IvkdkgXDLXrzSHgqa7nUjPYmH4iZzeY4w/GooGL6xmIlIv7RKGWHGdJnuniTdUWV
ddgIYy5M6M9GQyBSv5Tjq9PBxqfEV4ECAwEAAaNTMFEwHQYDVR0OBBYEFAI2RwTx
nyqa0Qp7xhHdKjqu4lEpMB8GA1UdIwQYMBaAFAI2RwTxnyqa0Qp7xhHdKjqu4lEp
MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQEFBQADggEBAGlTXH0STp4mO5r3
/o4NGpxSWlEerK179IAxZzRlwq5HUcRiUBn/UWse9eeXgshGNaoJghnWTOGs4pHj
W+xkTrV5L8ELlekU/u4rsvT7rpynbu6k5+3RAvXhhsksdIrVSIrNcKF8FdQtlrkl
W67CipFMJRJK4qxQZuENGCbsLYiQZl1bYj593is92u8r/rPpVnMtrp2RniI+SpBG
YxlvG6BBxYQRX0yH3qBmidhO/fX8M5BqEbMV7trwxHuvd5Pyy6RwacCi6aBoPTpU
8XKMaShSR0WcNemn/Px3KwONOO826HhOLGp+yUgePNtGxC1s8cIN55SqprEy36/9
0gQ8FXA=
-----END CERTIFICATE-----
"""


def test_sha1_does_not_hold() -> None:
    made = x509.load_pem_x509_certificate(_SHA1)
    assert ("chain.1", "weak_signature") in codes(own(), made)


def pem(*chain: x509.Certificate) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in chain)


def test_pem_is_read_in_its_order() -> None:
    chain = [own(), root()]
    assert read_pem_chain("Bag Attributes\n" + pem(*chain)) == chain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        pem(own()),
        pem(*[root()] * (MOST + 1)),
        pem(own(), root()).replace("CERTIFICATE", "X509 CRL"),
        pem(own()) + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + pem(root()),
        pem(own(), root()).replace("MII", "MIJ"),
        "-----BEGIN CERTIFICATE-----" * 2000,
        pem(own(), root()) + " " * 70_000,
    ],
)
def test_what_is_no_chain(text: str) -> None:
    with pytest.raises(ValueError, match=r"at most|private key|PEM blocks|cannot be read"):
        read_pem_chain(text)
