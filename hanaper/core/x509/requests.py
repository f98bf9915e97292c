"""Requests for a certificate of a CA's own key, to be signed by a CA that is not here (RFC 2986).

In two steps, as certificates are (core.x509.certificates): prepared here, signed by a keystore.
"""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import SignatureAlgorithm, load_public_key, verifies
from hanaper.core.x509.certificates import WrongSignature
from hanaper.core.x509.extensions import requested_extensions
from hanaper.core.x509.issuer import key_identifier
from hanaper.core.x509.lint_keys import lint_key

_VERSION = b"\x02\x01\x00"  # INTEGER 0, the only version there is (RFC 2986 4.1)


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that only lacks its signature."""

    info: bytes = field(repr=False)
    algorithm: bytes = field(repr=False)  # AlgorithmIdentifier
    spki: bytes = field(repr=False)
    signature_algorithm: SignatureAlgorithm


def prepare_request(
    *,
    subject: x509.Name,
    spki: bytes,
    path_length: int | None,
    name_constraints: x509.NameConstraints | None = None,
) -> PreparedRequest:
    """For the key `spki`. It asks for what the certificate is to say; whoever signs it may say otherwise."""
    _, algorithm = load_public_key(spki)
    builder = x509.CertificateSigningRequestBuilder(subject_name=subject)
    for extension in requested_extensions(key_identifier(spki), path_length, name_constraints):
        builder = builder.add_extension(extension.value, extension.critical)
    # `cryptography` puts the key that signs into the request; only what stands after it is taken.
    signature_algorithm = algorithm.signature
    copy = builder.sign(lint_key(signature_algorithm), signature_algorithm.hash)
    name = subject.public_bytes()
    info = der.encode(der.SEQUENCE, _VERSION + name + spki + _attributes(copy.tbs_certrequest_bytes))
    return PreparedRequest(info, _outer_algorithm(copy), spki, signature_algorithm)


def assemble_request(prepared: PreparedRequest, signature: bytes) -> bytes:
    """The request in DER; raises WrongSignature unless the key that it is for made the signature."""
    if not verifies(prepared.spki, signature, prepared.info):
        raise WrongSignature("the signature is not the key's over what was prepared")
    return der.signed(prepared.info, prepared.algorithm, signature)


def _attributes(info: bytes) -> bytes:
    """The last element of a CertificationRequestInfo: after version, subject and key."""
    at, end = der.header(info)
    for _ in range(3):
        _, at = der.header(info, at)
    return info[at:end]


def _outer_algorithm(request: x509.CertificateSigningRequest) -> bytes:
    whole = request.public_bytes(Encoding.DER)
    begin, _ = der.header(whole)
    _, at = der.header(whole, begin)
    _, end = der.header(whole, at)
    return whole[at:end]
