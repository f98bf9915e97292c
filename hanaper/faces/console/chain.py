"""A certificate's chain as a picture: who signed whom, from the leaf up to the root."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.core.x509.algorithms import UnsupportedKey, key_algorithm
from hanaper.faces.console.labels import label


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


def links(certificates: Iterable[bytes]) -> list[Link]:
    """Certificates in DER, each signed by the one after it."""
    return [_link(x509.load_der_x509_certificate(one)) for one in certificates]


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
    """Of one without a common name: its first alternative name."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return str(next(iter(names)).value)


def _key(certificate: x509.Certificate) -> str:
    try:
        return label(key_algorithm(certificate.public_key()))
    except UnsupportedKey:  # of a CA elsewhere
        return type(certificate.public_key()).__name__
