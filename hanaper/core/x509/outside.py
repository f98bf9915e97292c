"""A CA's certificate that was signed by a CA that is not here, with the chain above it, as hostile input.

Everything that RFC 5280 6.1 asks of a path is checked before any of it is believed; what a certificate says
and nothing here understands is refused, since it could not be kept.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID, SignatureAlgorithmOID

from hanaper.core.certificate.key_strength import key_weakness
from hanaper.core.errors import Fault

MOST, MAX_PEM_BYTES = 6, 64 * 1024
SHORTEST_RSA = 2048
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
_STRONG = (hashes.SHA256, hashes.SHA384, hashes.SHA512, hashes.SHA3_256, hashes.SHA3_384, hashes.SHA3_512)
_HASH_WITHIN = frozenset(
    {
        SignatureAlgorithmOID.ED25519,
        SignatureAlgorithmOID.ED448,
        SignatureAlgorithmOID.ML_DSA_44,
        SignatureAlgorithmOID.ML_DSA_65,
        SignatureAlgorithmOID.ML_DSA_87,
    }
)
_NAMES_UNDERSTOOD = (x509.DNSName, x509.IPAddress, x509.RFC822Name, x509.UniformResourceIdentifier)

Found = Iterator[tuple[str, str]]  # code, message


def read_pem_chain(pem: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, in its order. ValueError, with words for whoever sent it."""
    if len(pem) > MAX_PEM_BYTES:
        raise ValueError(f"A chain has at most {MAX_PEM_BYTES} bytes.")
    if "PRIVATE KEY-----" in pem:
        raise ValueError("This holds a private key. Never send it to anybody; only certificates go here.")
    blocks = _BLOCK.findall(pem)
    if not 1 < len(blocks) <= MOST or pem.count("-----BEGIN") != len(blocks):
        raise ValueError(
            f"Send the signed certificate and those above it up to the root: 2 to {MOST} PEM blocks."
        )
    try:
        chain = [x509.load_pem_x509_certificate(block.encode()) for block in blocks]
        for one in chain:
            # Touched here, because the library parses these lazily and each may raise on hostile input.
            _ = one.subject, one.issuer, list(one.extensions), one.public_key()
    except (ValueError, TypeError, x509.DuplicateExtension, x509.InvalidVersion, UnsupportedAlgorithm):
        raise ValueError("One of the certificates cannot be read.") from None
    return chain


def chain_faults(chain: Sequence[x509.Certificate], spki: bytes, at: datetime, field: str) -> list[Fault]:
    """What is wrong with `chain`, which begins with the certificate for `spki` and ends with its root; each
    certificate at `<field>.<index>`. Empty when it may be used."""
    faults = []
    own_key = chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own_key != spki:
        message = "The first certificate is not for the key of the request that was given out here."
        return [Fault(f"{field}.0", message, "not_the_key")]
    for index, one in enumerate(chain):
        above = chain[index + 1] if index + 1 < len(chain) else one
        for code, message in (*_of_itself(one, at, index, chain), *_of_its_issuer(one, above, index, chain)):
            faults.append(Fault(f"{field}.{index}", message, code))
    return faults


def _of_itself(one: x509.Certificate, at: datetime, index: int, chain: Sequence[x509.Certificate]) -> Found:
    name = one.subject.rfc4514_string()[:80] or "This certificate"
    if not one.subject.rdns:
        yield "no_subject", "A CA has a name."
    if not one.not_valid_before_utc <= at < one.not_valid_after_utc:
        yield "not_valid_now", f"{name} is not valid now."
    yield from _signature_and_key(one, name)
    constraints = _value(one, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        yield "not_a_ca", f"{name} is not a CA's certificate (CA:TRUE)."
    elif constraints.path_length is not None and constraints.path_length < _cas_below(index, chain):
        yield "path_too_long", f"{name} does not permit as many CAs below it (path length)."
    usage = _value(one, x509.KeyUsage)
    if usage is None and index == len(chain) - 1:
        pass  # RFC 5280 6.1 asks nothing of a trust anchor but its name and key; many old roots lack it
    elif usage is None:
        yield "cannot_sign", f"{name} lacks the extension key usage, which a CA's certificate has."
    elif not usage.key_cert_sign or (index == 0 and not usage.crl_sign):
        yield "cannot_sign", f"{name} may not sign certificates, or its revocation lists (key usage)."
    if index == 0 and _value(one, x509.SubjectKeyIdentifier) is None:
        yield "no_key_identifier", f"{name} does not identify its key (RFC 5280 4.2.1.2)."
    for extension in one.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            yield "not_understood", f"{name} has a critical extension {extension.oid.dotted_string}."
    limits = _value(one, x509.NameConstraints)
    trees = [] if limits is None else [*(limits.permitted_subtrees or ()), *(limits.excluded_subtrees or ())]
    if any(not isinstance(tree, _NAMES_UNDERSTOOD) for tree in trees):
        yield "constraint_not_understood", f"{name} constrains names of a kind that is not judged here."


def _signature_and_key(one: x509.Certificate, name: str) -> Found:
    try:
        strong = isinstance(one.signature_hash_algorithm, _STRONG)
    except UnsupportedAlgorithm:
        strong = False
    if not strong and one.signature_algorithm_oid not in _HASH_WITHIN:
        yield "weak_signature", f"{name} is signed with a hash that does not hold."
    key = one.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        yield "weak_key", f"{name} has an RSA key of {key.key_size} bits."
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256:
        yield "weak_key", f"{name} has a key of {key.key_size} bits."
    elif weakness := key_weakness(key):
        yield "weak_key", weakness


def _of_its_issuer(
    one: x509.Certificate, above: x509.Certificate, index: int, chain: Sequence[x509.Certificate]
) -> Found:
    """Signed by the next; the last by itself."""
    last = index == len(chain) - 1
    if last and one.issuer != one.subject:
        yield "chain_incomplete", "The last certificate is not a root: send the chain up to it."
        return
    try:
        one.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        yield (
            "not_signed_by_next",
            "The root's signature is wrong." if last else ("It is not signed by the certificate after it."),
        )
        return
    issuer_key, own = _value(one, x509.AuthorityKeyIdentifier), _value(above, x509.SubjectKeyIdentifier)
    if issuer_key and own and issuer_key.key_identifier not in (None, own.digest):
        yield (
            "not_signed_by_next",
            "It names another key of its issuer than that of the certificate after it.",
        )


def _cas_below(index: int, chain: Sequence[x509.Certificate]) -> int:
    """RFC 5280 4.2.1.9: those that follow it and are not self-issued, without the end entity."""
    return sum(one.subject != one.issuer for one in chain[:index])


def _value[Value: x509.ExtensionType](one: x509.Certificate, kind: type[Value]) -> Value | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
