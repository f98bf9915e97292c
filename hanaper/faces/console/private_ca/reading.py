"""What stands in certificates and templates, for people."""

import re
from dataclasses import dataclass

from cryptography import x509

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.core.private_ca.name_constraints import NameConstraints, Subtrees, of_certificate
from hanaper.core.private_ca.template_text import describe
from hanaper.core.private_ca.templates import Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.serials import serial_hex
from hanaper.faces.console.labels import label
from hanaper.faces.language import sentences


@dataclass(frozen=True, slots=True)
class CaFacts:
    """`constraints`: `permitted` or `excluded`, kind of name, the names; `path_length` None: no limit."""

    subject: list[tuple[str, str]]
    serial: str
    path_length: int | None
    constraints: list[tuple[str, str, tuple[str, ...]]]


def ca_facts(ca: PrivateCA) -> CaFacts:
    """Of an enabled CA."""
    der = bytes(ca.authority.certificate or b"") if ca.authority else b""
    certificate = x509.load_der_x509_certificate(der)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    return CaFacts(
        subject_lines(certificate.subject),
        serial_hex(certificate.serial_number),
        basic.path_length,
        _constraints(of_certificate(der)),
    )


def subject_lines(name: x509.Name) -> list[tuple[str, str]]:
    """Attribute and value, as they stand in the certificate."""
    return [(one.rfc4514_attribute_name, str(one.value)) for one in name]


def _constraints(found: NameConstraints) -> list[tuple[str, str, tuple[str, ...]]]:
    sides: tuple[tuple[str, Subtrees], ...] = (("permitted", found.permitted), ("excluded", found.excluded))
    return [
        (side, kind, values)
        for side, subtrees in sides
        for kind in ("dns", "ip", "email", "uri")
        if (values := getattr(subtrees, kind))
    ]


def file_name(ca: PrivateCA) -> str:
    """For downloads: its name in plain letters, or its id."""
    return plain(ca.name) or ca.public_id


def plain(text: str) -> str:
    """Letters, digits, points and hyphens only: what every file system and shell takes."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower().replace("*", "star")).strip("-.")[:60]


def names_of(certificate: PrivateCertificate) -> list[str]:
    """Every alternative name, the DNS names first."""
    return [name for kind in ("dns", "ip", "email", "uri") for name in certificate.names.get(kind, ())]


def described(template: Template) -> list[tuple[str, str]]:
    """What a template says, a caption and a line each."""
    return [(phrase(caption), ", ".join(map(phrase, found))) for caption, found in describe(template)]


def phrase(said: str) -> str:
    """A phrase of `describe`, in the language of whoever reads it."""
    return label(said) if said in list(KeyAlgorithm) else sentences.translate(said)
