"""Certificates of private CAs, as these tests ask for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part, Request
from hanaper.core.errors import InvalidInput, Refusal
from tests.people import Person

DAY = timedelta(days=1)
PASSPHRASE = "correct horse battery"


def server(*names: str, **more: Any) -> Request:
    return Request(**{"template": "server", "names": {"dns": list(names or ("db.corp.example",))}, **more})


def issue(person: Person, ca: PrivateCA, at: datetime, request: Request | None = None) -> PrivateCertificate:
    return services.issue(person.actor, ca, request or server(), at=at)


def csr(subject: dict[Any, str], names: list[x509.GeneralName], **extensions: Any) -> str:
    builder = x509.CertificateSigningRequestBuilder(
        x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for value in extensions.values():
        builder = builder.add_extension(value, critical=True)
    key = ec.generate_private_key(ec.SECP256R1())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def leaf(certificate: PrivateCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(services.download(certificate, Part.LEAF).encode())


def refused(code: str, act: Any) -> Refusal:
    with pytest.raises(Refusal) as met:
        act()
    assert met.value.code == code, met.value
    return met.value


def faults(act: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as met:
        act()
    return {(fault.field, fault.code) for fault in met.value.faults}
