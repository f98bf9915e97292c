"""A certificate's chain as a picture: who signed whom, from the leaf up to the root."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from hanaper.apps.certificates.models import IssuerOrder


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    key: str
    until: datetime
    sha256: str
    sha1: str
    own: bool  # signed by itself: the root


def links_of(issued: IssuerOrder) -> list[Link]:
    """The leaf, the intermediates and the root of an issued X.509 certificate."""
    leaf = x509.load_der_x509_certificate(bytes(issued.leaf or b""))
    return [_link(one) for one in (leaf, *x509.load_pem_x509_certificates(issued.chain.encode()))]


def _link(certificate: x509.Certificate) -> Link:
    common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return Link(
        str(common[0].value) if common else _first_name(certificate),
        _key(certificate),
        certificate.not_valid_after_utc,
        certificate.fingerprint(SHA256()).hex(":").upper(),
        certificate.fingerprint(SHA1()).hex(":").upper(),  # noqa: S303 - what appliances still ask for
        certificate.subject == certificate.issuer,
    )


def _first_name(certificate: x509.Certificate) -> str:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return str(names.get_values_for_type(x509.DNSName)[0])


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"ECDSA {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__
