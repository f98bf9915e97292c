"""Signing requests from strangers: what is taken from them, and every reason to refuse one."""

import base64
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.certificate.csr import MAX_PEM_BYTES, check_csr, open_csr
from hanaper.core.certificate.identifiers import DomainKind, parse_domains
from hanaper.core.certificate.key_strength import key_weakness
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm

ONE = parse_domains(DomainKind.SINGLE, ["www.example.com"])
TWO = parse_domains(DomainKind.MULTI_DOMAIN, ["a.example.com", "b.example.com"])
STAR = parse_domains(DomainKind.WILDCARD, ["*.example.com"])
SHA256 = hashes.SHA256()
P256 = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def rsa_key(size, exponent=65537):
    return lambda: rsa.generate_private_key(public_exponent=exponent, key_size=size)


def san(*names):
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def request(*extensions, cn="www.example.com", key=P256, hash_=SHA256, subject=None):
    if subject is None:
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, cn)] if cn else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key() if callable(key) else key, hash_)


def pem(made):
    return made.public_bytes(Encoding.PEM).decode()


def code_of(text, names=ONE):
    with pytest.raises(InvalidInput) as caught:
        check_csr(text, names)
    refusal = caught.value
    assert refusal.field == "csr"
    assert [fault.field for fault in refusal.faults] == ["csr"]
    assert len(refusal.message) < 600
    return refusal.code


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (P256, KeyAlgorithm.EC_P256),
        (ec.generate_private_key(ec.SECP384R1()), KeyAlgorithm.EC_P384),
        (RSA, KeyAlgorithm.RSA_2048),
        (rsa_key(3072), KeyAlgorithm.RSA_3072),
        (rsa_key(4096), KeyAlgorithm.RSA_4096),
    ],
)
def test_key_is_taken(key, algorithm):
    key = key() if callable(key) else key
    checked = check_csr(pem(request(san("www.example.com"), key=key)), ONE)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (checked.spki, checked.key_algorithm) == (spki, algorithm)
    assert checked.names == {"www.example.com"}
    assert len(checked.key_fingerprint) == 64


@pytest.mark.parametrize(
    ("made", "names"),
    [
        (request(), ONE),
        (request(cn="WWW.example.COM"), ONE),
        (request(san("WWW.Example.com"), cn=None), ONE),
        (request(san("b.example.com", "a.example.com"), cn="a.example.com"), TWO),
        (request(cn="a.example.com"), TWO),  # no alternative names: one of them is enough
        (request(san("*.example.com"), cn=None), STAR),
        (request(san("*.example.com", "example.com"), cn="example.com"), STAR),
        (request(san("anything.at.all"), cn=None), None),
        (request(x509.BasicConstraints(False, None)), ONE),
        (
            request(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
            ),
            ONE,
        ),
    ],
)
def test_accepted(made, names):
    assert check_csr(pem(made), names)
    assert check_csr(pem(made).encode(), names)


def test_windows_label_and_text_around_are_accepted():
    text = pem(request()).replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
    assert check_csr(f"Here it is:\r\n{text}\r\nthanks", ONE)


@pytest.mark.parametrize(
    ("made", "names", "code"),
    [
        (request(san("a.example.com"), cn=None), TWO, "csr_names"),
        (request(san("a.example.com", "b.example.com", "c.example.com"), cn=None), TWO, "csr_names"),
        (request(san("www.example.com"), cn="other.example.com"), ONE, "csr_names"),
        (request(cn="other.example.com"), ONE, "csr_names"),
        (request(cn=None), ONE, "csr_names"),
        (request(san("example.com"), cn=None), STAR, "csr_names"),
        (request(x509.SubjectAlternativeName([x509.RFC822Name("a@b.com")])), ONE, "csr_names"),
        (request(x509.BasicConstraints(True, None)), ONE, "csr_ca"),
        (request(x509.KeyUsage(*[False] * 5, True, *[False] * 3)), ONE, "csr_ca"),
        (request(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])), ONE, "csr_extension"),
        (request(x509.TLSFeature([x509.TLSFeatureType.status_request])), ONE, "csr_extension"),
        (
            request(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")),
            ONE,
            "csr_extension",
        ),
        (request(key=ed25519.Ed25519PrivateKey.generate(), hash_=None), ONE, "csr_key_algorithm"),
        (request(key=mldsa.MLDSA44PrivateKey.generate(), hash_=None), ONE, "csr_key_algorithm"),
        (request(key=ec.generate_private_key(ec.SECP521R1())), ONE, "csr_key_algorithm"),
        (request(key=ec.generate_private_key(ec.SECP256K1())), ONE, "csr_key_algorithm"),
        (
            lambda: request(key=rsa_key(1024)),
            ONE,
            "csr_key_algorithm",
        ),
        (
            lambda: request(key=rsa_key(2056)),
            ONE,
            "csr_key_algorithm",
        ),
        (lambda: request(key=rsa_key(2048, 3)), ONE, "csr_key_weak"),
        (
            request(subject=[x509.NameAttribute(NameOID.COMMON_NAME, "www.example.com")] * 2),
            ONE,
            "csr_subject",
        ),
        (request(cn="www.example.com\x00.evil.example"), ONE, "csr_subject"),
        (
            request(subject=[x509.NameAttribute(NameOID.ORGANIZATION_NAME, "a\x1b[31mb")]),
            ONE,
            "csr_subject",
        ),
    ],
)
def test_refused(made, names, code):
    assert code_of(pem(made() if callable(made) else made), names) == code


def test_refused_extensions_are_named():
    made = request(
        x509.TLSFeature([x509.TLSFeatureType.status_request]),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
    )
    with pytest.raises(InvalidInput, match=r"TLSFeature \(1\.3\.6\.1\.5\.5\.7\.1\.24\), 1\.2\.3\.4\."):
        check_csr(pem(made), ONE)


def _der_to_pem(der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"


def test_signature_of_another_key_is_refused():
    der = bytearray(request(key=RSA).public_bytes(Encoding.DER))
    der[-1] ^= 1
    assert code_of(_der_to_pem(bytes(der))) == "csr_signature"


def test_key_swapped_into_a_signed_request_is_refused():
    """Proof of possession: somebody else's public key in a request that was signed otherwise."""
    mine = P256.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    theirs = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = request().public_bytes(Encoding.DER).replace(mine, theirs)
    assert code_of(_der_to_pem(der)) == "csr_signature"


def test_sha1_is_refused(tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-sha1", "-keyout",
         str(tmp_path / "key"), "-subj", "/CN=www.example.com"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert code_of(made.stdout) == "csr_signature_algorithm"


def test_request_of_openssl_is_read(tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", str(tmp_path / "key"), "-subj", "/C=DE/O=Somebody/CN=a.example.com",
         "-addext", "subjectAltName=DNS:a.example.com,DNS:b.example.com",
         "-addext", "extendedKeyUsage=serverAuth", "-addext", "keyUsage=digitalSignature"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert check_csr(made.stdout, TWO).names == {"a.example.com", "b.example.com"}


def test_a_key_for_rsassa_pss_only_is_refused(tmp_path):
    """A certificate would say that it is any RSA key, and openssl that it does not fit."""
    made = subprocess.run(
        ["openssl", "req", "-new", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes",
         "-keyout", str(tmp_path / "key"), "-subj", "/CN=www.example.com", "-sha256"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert code_of(made.stdout) == "csr_key_algorithm"
    with pytest.raises(InvalidInput) as caught:
        open_csr(made.stdout)
    assert (caught.value.field, caught.value.code) == ("csr", "csr_key_algorithm")


def test_private_key_is_refused_and_not_echoed():
    secret = P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (secret, secret + pem(request()), pem(request()) + secret):
        with pytest.raises(InvalidInput) as caught:
            check_csr(text, ONE)
        assert caught.value.code == "csr_private_key"
        assert secret.split()[4] not in caught.value.message


BEGIN, END = "-----BEGIN CERTIFICATE REQUEST-----", "-----END CERTIFICATE REQUEST-----"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "csr_not_pem"),
        ("hello", "csr_not_pem"),
        (b"\xff\xfe", "csr_not_pem"),
        (BEGIN, "csr_not_pem"),
        (f"{BEGIN}\n{END}", "csr_malformed"),
        (f"{BEGIN}\nMIIB\n{END}", "csr_malformed"),
        (f"{BEGIN}\nMII\n{END}", "csr_not_pem"),
        (f"{BEGIN}\nM=II\n{END}", "csr_not_pem"),
        (f"{BEGIN}\n****\n{END}", "csr_not_pem"),
        (pem(request()) * 2, "csr_not_pem"),
        (pem(request()).replace("REQUEST", "REQUESTS"), "csr_not_pem"),
        (pem(request()).replace("CERTIFICATE REQUEST", "CERTIFICATE"), "csr_not_pem"),
        ("A" * (MAX_PEM_BYTES + 1), "csr_too_large"),
        (b"A" * (MAX_PEM_BYTES + 1), "csr_too_large"),
    ],
)
def test_what_is_no_request(text, code):
    assert code_of(text) == code


def test_trailing_bytes_are_refused():
    der = request().public_bytes(Encoding.DER)
    assert code_of(_der_to_pem(der + b"\x00")) == "csr_malformed"


@pytest.mark.parametrize(
    "text",
    [
        f"{BEGIN}{' ' * 16_000}",
        "-----BEGIN A" * 1_300,
        "-----BEGIN AAAAAAAAAA-----" * 600,
        (BEGIN + "\n" * 100) * 100,
    ],
)
def test_text_made_to_be_slow_is_refused(text):
    assert code_of(text) == "csr_not_pem"


def test_a_hundred_thousand_names_are_refused():
    made = pem(request(san(*(f"n{index}.example.com" for index in range(100_000))), cn=None))
    assert len(made) > 2_000_000
    assert code_of(made) == "csr_too_large"


def test_as_many_names_as_fit_are_refused():
    made = pem(request(san(*(f"{index:04x}.co" for index in range(1_000))), cn=None))
    assert len(made) < MAX_PEM_BYTES
    assert code_of(made) == "csr_names"


GOOD = request(san("www.example.com")).public_bytes(Encoding.DER)


@given(st.data())
def test_no_damage_does_worse_than_a_refusal(data):
    der = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, 200))] = data.draw(st.integers(0, 255))
    try:
        checked = check_csr(_der_to_pem(bytes(der)), ONE)
    except InvalidInput as refused:
        assert refused.field == "csr"
    else:
        assert checked.names == {"www.example.com"}


# Weak keys


def public_rsa(modulus, exponent=65537):
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _prime_after(start):
    candidate = start | 1
    while pow(2, candidate - 1, candidate) != 1:
        candidate += 2
    return candidate


def test_close_primes_are_found():
    first = _prime_after(3 << 510)
    assert "too close" in key_weakness(public_rsa(first * _prime_after(first + 2**200)))


def test_small_factor_is_found():
    modulus = (RSA.public_key().public_numbers().n // 3 | 1) * 3
    assert "small factor" in key_weakness(public_rsa(modulus))


def test_roca_shape_is_found():
    """A modulus that is a power of 65537 modulo each small prime, as the faulty chip's are."""
    primorial = 1
    for prime in (n for n in range(2, 168) if all(n % d for d in range(2, n))):
        primorial *= prime
    modulus = pow(65537, 5, primorial) + primorial * (2**2047 // primorial + 1)
    while modulus % 2 == 0 or any(modulus % p == 0 for p in range(168, 752)):
        modulus += primorial
    assert "ROCA" in key_weakness(public_rsa(modulus))


def test_good_keys_have_no_weakness():
    assert key_weakness(RSA.public_key()) is None
    assert key_weakness(P256.public_key()) is None


@pytest.mark.parametrize("exponent", [3, 17, 65535, 2**256 + 1])
def test_exponents_out_of_range(exponent):
    assert "exponent" in key_weakness(public_rsa(RSA.public_key().public_numbers().n, exponent))
