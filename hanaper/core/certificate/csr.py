"""Certificate signing requests from outside, read as hostile input (RFC 2986).

Of a request only the key is used. What else it asks for is checked against what was applied for, so
that nobody is surprised by a certificate that says something else; every rejection is InvalidInput on
the field `csr` with a stable code.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from hanaper.core.certificate.identifiers import DomainNames
from hanaper.core.certificate.key_strength import key_weakness
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.algorithms import (
    KeyAlgorithm,
    PublicKey,
    UnsupportedKey,
    key_algorithm,
    spki_of,
)
from hanaper.core.x509.der import header

# An RSA-4096 request with five names of full length takes about 4 KB of PEM. Whatever is larger is
# refused before it is decoded, so that a hundred thousand names cost as little as one.
MAX_PEM_BYTES = 16 * 1024

# Linear on any input: the body cannot run over a dash, and nothing beside it takes blanks too.
_BLOCK = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]{1,40})-----(?P<body>[A-Za-z0-9+/=\s]*)-----END (?P=label)-----"
)
# OpenSSL writes the first, older Windows and Netscape tools the second (RFC 7468 section 7).
_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")

# Extensions that may be asked for because every tool does: names and uses are judged below, the
# others are harmless and not copied (the profile decides what a certificate says).
_EXPECTED_EXTENSIONS = frozenset(
    {
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        x509.ObjectIdentifier("1.2.840.113549.1.9.15"),  # S/MIME capabilities: Windows adds them
    }
)
_EXPECTED_USES = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH})
_RSASSA_PSS = bytes.fromhex("06092a864886f70d01010a")  # its OBJECT IDENTIFIER
_STRONG_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """What a request proved: whoever made it holds the private half of this key.

    `spki` is the key's SubjectPublicKeyInfo in canonical DER, `key_fingerprint` its SHA-256 in
    hexadecimal (for finding a key again that was used elsewhere or reported compromised), `names` what
    the request named, in A-labels, `der` the request itself.
    """

    spki: bytes = field(repr=False)
    key_algorithm: KeyAlgorithm
    key_fingerprint: str
    names: frozenset[str]
    der: bytes = field(repr=False)


def check_csr(pem: str | bytes, names: DomainNames | None) -> CheckedRequest:
    """Read a PEM request and hold it against the names applied for (None leaves names unjudged).

    The request names every name applied for, and nothing that the certificate would not carry; a
    request without alternative names may name just one of them as its common name.
    """
    der = _decode(pem)
    request = _parse(der)
    # The key first: verifying with one of absurd size or exponent is what a stranger would want.
    spki, algorithm = _check_key(request)
    _check_signature(request)
    common_name = _check_subject(request)
    requested = _check_extensions(request)
    if names is not None:
        _check_names(names, requested, common_name)
    found = requested or (frozenset({common_name}) if common_name else frozenset())
    return CheckedRequest(spki, algorithm, hashlib.sha256(spki).hexdigest(), found, der)


def open_csr(pem: str | bytes) -> tuple[x509.CertificateSigningRequest, bytes, KeyAlgorithm]:
    """A request for a private CA, its key (canonical SubjectPublicKeyInfo) and the kind of it: proof of
    possession checked, a CA's rights refused, names and uses not judged yet."""
    request = _parse(_decode(pem))
    try:
        key, algorithm = _key_of(request)
    except (UnsupportedKey, UnsupportedAlgorithm, ValueError):
        kinds = ", ".join(KeyAlgorithm)
        raise _refused("csr_key_algorithm", f"No certificate is made for this key; use {kinds}.") from None
    weakness = key_weakness(key)
    if weakness:
        raise _refused("csr_key_weak", weakness)
    if algorithm.signature.hash is not None:
        _check_signature(request)
    elif not request.is_signature_valid:
        raise _refused("csr_signature", "The request's signature does not fit the key inside it.")
    _check_subject(request)
    for extension in request.extensions:
        _refuse_ca(extension.value)
    return request, spki_of(key), algorithm


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, field="csr")


def _decode(pem: str | bytes) -> bytes:
    """The DER inside the one PEM block that `pem` holds."""
    if len(pem) > MAX_PEM_BYTES:
        raise _refused(
            "csr_too_large", f"A signing request has at most {MAX_PEM_BYTES} bytes; this has {len(pem)}."
        )
    if isinstance(pem, bytes):
        try:
            pem = pem.decode("ascii")
        except UnicodeDecodeError:
            raise _refused("csr_not_pem", "Send the signing request as PEM text.") from None
    if "PRIVATE KEY-----" in pem:
        # Said apart, and never echoed: whoever pasted it should replace that key.
        raise _refused(
            "csr_private_key",
            "This holds a private key. Never send it to anybody: make a new key, and send only its"
            " signing request (CSR).",
        )
    blocks = list(_BLOCK.finditer(pem))
    if len(blocks) != 1 or pem.count("-----BEGIN") != 1:
        raise _refused(
            "csr_not_pem",
            "Send exactly one PEM block, from BEGIN CERTIFICATE REQUEST to END CERTIFICATE REQUEST.",
        )
    label = blocks[0]["label"]
    if label not in _LABELS:
        raise _refused("csr_not_pem", f"This is a {label.lower()}, not a certificate request.")
    try:
        return base64.b64decode("".join(blocks[0]["body"].split()), validate=True)
    except binascii.Error:
        raise _refused("csr_not_pem", "The PEM block is damaged: its base64 does not decode.") from None


def _parse(der: bytes) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_der_x509_csr(der)
        # Touched here, because the library parses these lazily and each may raise on hostile input.
        _ = request.subject, list(request.extensions), list(request.attributes)
    except x509.DuplicateExtension as error:
        raise _refused(
            "csr_malformed", f"The request asks for the extension {error.oid.dotted_string} twice."
        ) from None
    except x509.UnsupportedGeneralNameType:
        raise _refused("csr_names", "The request names something that is not a domain name.") from None
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise _refused("csr_malformed", "This is not a well-formed PKCS #10 request.") from None
    return request


def _check_signature(request: x509.CertificateSigningRequest) -> None:
    """Proof of possession: signed by the key it asks a certificate for, with a hash that holds."""
    try:
        algorithm = request.signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    if not isinstance(algorithm, _STRONG_HASHES):
        raise _refused("csr_signature_algorithm", "Sign the request with SHA-256, SHA-384 or SHA-512.")
    try:
        valid = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm):
        valid = False
    if not valid:
        raise _refused(
            "csr_signature", "The request's signature is wrong: it does not fit the key inside it."
        )


def _check_key(request: x509.CertificateSigningRequest) -> tuple[bytes, KeyAlgorithm]:
    """The key, canonical, if publicly trusted certificates may hold it (BR 6.1.5, 6.1.6)."""
    refused = _refused(
        "csr_key_algorithm",
        "Use an RSA key of 2048, 3072 or 4096 bits, or an ECDSA key on P-256 or P-384.",
    )
    try:
        key, algorithm = _key_of(request)
    except (UnsupportedKey, UnsupportedAlgorithm, ValueError):
        raise refused from None
    if not algorithm.publicly_trusted:
        raise refused
    weakness = key_weakness(key)
    if weakness:
        raise _refused("csr_key_weak", weakness)
    return spki_of(key), algorithm


def _key_of(request: x509.CertificateSigningRequest) -> tuple[PublicKey, KeyAlgorithm]:
    """The library reads a key that is for RSASSA-PSS only (RFC 4055 1.2) as any RSA key; a certificate that
    says the latter does not fit it."""
    key = request.public_key()
    algorithm = key_algorithm(key)
    if _algorithm_of_key(request.tbs_certrequest_bytes).startswith(_RSASSA_PSS):
        raise UnsupportedKey("an RSA key for RSASSA-PSS only")
    return key, algorithm  # type: ignore[return-value]  # key_algorithm refused other kinds


def _algorithm_of_key(info: bytes) -> bytes:
    """The content of the AlgorithmIdentifier of the key in a CertificationRequestInfo (RFC 2986 4.1)."""
    at, _ = header(info)
    for _ in range(2):
        _, at = header(info, at)
    key, _ = header(info, at)
    begin, end = header(info, key)
    return info[begin:end]


def _check_subject(request: x509.CertificateSigningRequest) -> str | None:
    """The common name in lower case, if there is one; nothing else of the subject is used."""
    common_names = []
    for attribute in request.subject:
        value = attribute.value
        if not isinstance(value, str) or any(
            unicodedata.category(character) in ("Cc", "Cs") for character in value
        ):
            raise _refused("csr_subject", "The request's subject holds control characters.")
        if attribute.oid == NameOID.COMMON_NAME:
            common_names.append(value.lower())
    if len(common_names) > 1:
        raise _refused("csr_subject", "The request's subject has more than one common name.")
    return common_names[0] if common_names else None


def _check_extensions(request: x509.CertificateSigningRequest) -> frozenset[str]:
    """The domain names asked for; refuses requests for what a TLS server's certificate never says."""
    unexpected = [
        f"{each.oid._name} ({each.oid.dotted_string})"
        if each.oid._name != "Unknown OID"
        else each.oid.dotted_string
        for each in request.extensions
        if each.oid not in _EXPECTED_EXTENSIONS
    ]
    if unexpected:
        raise _refused(
            "csr_extension",
            "The request asks for extensions that are not granted: " + ", ".join(unexpected) + ".",
        )
    names: frozenset[str] = frozenset()
    for extension in request.extensions:
        value = extension.value
        _refuse_ca(value)
        if isinstance(value, x509.SubjectAlternativeName):
            names = _dns_names(value)
        elif isinstance(value, x509.ExtendedKeyUsage) and not _EXPECTED_USES.issuperset(value):
            raise _refused(
                "csr_extension", "The request asks for other uses than authenticating a TLS server."
            )
    return names


def _refuse_ca(value: x509.ExtensionType) -> None:
    if isinstance(value, x509.BasicConstraints) and value.ca:
        raise _refused("csr_ca", "The request asks for a CA's certificate (CA:TRUE).")
    if isinstance(value, x509.KeyUsage) and (value.key_cert_sign or value.crl_sign):
        raise _refused("csr_ca", "The request asks for the right to sign certificates or CRLs.")


def _dns_names(value: x509.SubjectAlternativeName) -> frozenset[str]:
    names = set()
    for name in value:
        if not isinstance(name, x509.DNSName):
            raise _refused(
                "csr_names", "The request names something that is not a domain name, such as an address."
            )
        names.add(name.value.lower())
    return frozenset(names)


def _check_names(names: DomainNames, requested: frozenset[str], common_name: str | None) -> None:
    carried = frozenset(names.san)
    if not requested and common_name is None:
        raise _refused("csr_names", "The request names no domain, neither in its subject nor beside it.")
    too_many = sorted((requested | ({common_name} if common_name else set())) - carried)
    # A request without alternative names has room for one; the application says the rest.
    missing = sorted(frozenset(names.applied) - requested) if requested else []
    if too_many:
        raise _refused("csr_names", f"The request also names {_shown(too_many)}, not applied for.")
    if missing:
        raise _refused("csr_names", f"The request does not name {_shown(missing)}, applied for.")


def _shown(names: list[str]) -> str:
    """A few of the names for a message; somebody else wrote them."""
    some = ", ".join(name[:60].encode("ascii", "backslashreplace").decode() for name in names[:5])
    return some if len(names) <= 5 else f"{some} and {len(names) - 5} more"
