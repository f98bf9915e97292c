"""No way round template and name constraints: by the call, by a CSR, by another way of writing a name.

What others had to learn: OpenBao GHSA-g892-p242-8g86 (limits on IP names not applied to those of a CSR),
lemur 1.9.3 (minting below another's CA, a serial number twice), step-ca 0.29 (policy of one door only).
"""

import ipaddress
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.db import IntegrityError, transaction

from hanaper.apps.authority.models import Issuance
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part, Request
from hanaper.apps.private_ca.templates import make_template
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.conftest import enable
from tests.people import Person

pytestmark = pytest.mark.django_db

EVERYTHING: dict[str, Any] = {
    "title": "Everything",
    "uses": ["serverAuth"],
    "subject": {"allowed": ["common_name"], "common_name": "free"},
    "dns": {"allowed": True, "wildcards": True},
    "ip": {"allowed": True},
    "email": {"allowed": True},
    "uri": {"allowed": True},
}
NARROW: dict[str, Any] = {
    **EVERYTHING,
    "title": "Narrow",
    "dns": {"allowed": True, "domains": ["corp.example"]},
    "ip": {"allowed": True, "networks": ["10.0.0.0/8", "fd00::/8"]},
    "email": {"allowed": True, "domains": ["corp.example"]},
    "uri": {"allowed": True, "below": ["spiffe://corp.example/team"]},
}
LIMITS = {
    "permitted": {
        "dns": ["corp.example"],
        "ip": ["10.0.0.0/8", "fd00::/8"],
        "email": ["corp.example"],
        "uri": ["corp.example"],
    },
    "excluded": {
        "dns": ["secret.corp.example"],
        "ip": ["10.66.0.0/16"],
        "email": ["root@corp.example"],
    },
}
# What neither the narrow template nor the constraints let pass, in every form that somebody thought of.
OUTSIDE = [
    ("dns", "evil.test"),
    ("dns", "EVIL.test"),
    ("dns", "corp.example.evil.test"),
    ("dns", "xcorp.example"),
    ("dns", "*.test"),
    ("dns", "*.example"),
    ("dns", "evil.test."),
    ("dns", "ｅｖｉｌ.test"),
    ("dns", "corp。example.evil.test"),
    ("dns", "192.0.2.1"),
    ("dns", "0xc0000201"),
    ("dns", "evil.test\x00.corp.example"),
    ("dns", "evil.test .corp.example"),
    ("ip", "192.0.2.1"),
    ("ip", "::ffff:192.0.2.1"),
    ("ip", "::ffff:10.0.0.1"),
    ("ip", "2001:db8::1"),
    ("email", "ada@evil.test"),
    ("email", "ada@evil.test@corp.example"),
    ("email", '"ada@evil.test"@corp.example'),
    ("email", "ada@sub.corp.example"),
    ("uri", "spiffe://evil.test/team"),
    ("uri", "spiffe://evil.test\\@corp.example/team"),
    ("uri", "https://corp.example@evil.test/"),
    ("uri", "https://corp.example:443@evil.test/"),
    ("uri", "https://192.0.2.1/team"),
    ("uri", "urn:corp.example"),
]
EXCLUDED = [
    ("dns", "secret.corp.example"),
    ("dns", "A.SECRET.corp.example"),
    ("dns", "*.corp.example"),  # it covers the excluded name
    ("dns", "*.secret.corp.example"),
    ("ip", "10.66.1.1"),
    ("email", "root@CORP.example"),
]


@pytest.fixture
def templates(owner: Person, at: datetime) -> None:
    assert owner.account is not None
    make_template(owner.actor, owner.account, name="everything", rules=EVERYTHING, at=at)
    make_template(owner.actor, owner.account, name="narrow", rules=NARROW, at=at)


@pytest.fixture
def limited(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, templates: None, at: datetime
) -> PrivateCA:
    """Its root says which names it is for; the intermediate itself says nothing."""
    enable(owner, root, at, name_constraints=LIMITS)
    return enable(owner, intermediate, at)


def csr(
    *names: x509.GeneralName, common_name: str | None = None, extensions: tuple[x509.ExtensionType, ...] = ()
) -> str:
    named = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(named))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def general_name(kind: str, value: str) -> x509.GeneralName | None:
    """None: a CSR cannot even be written with it."""
    try:
        match kind:
            case "ip":
                return x509.IPAddress(ipaddress.ip_address(value))
            case "dns":
                return x509.DNSName(value)
            case "email":
                return x509.RFC822Name(value)
        return x509.UniformResourceIdentifier(value)
    except ValueError:
        return None


def ways(template: str, kind: str, value: str) -> list[Request]:
    found = [Request(template, names={kind: [value]})]
    name = general_name(kind, value)
    if name is not None:
        found.append(Request(template, csr=csr(name)))
    if kind == "dns" and value.isascii() and value.isprintable() and "*" not in value and " " not in value:
        # A common name that looks like a host is one, for clients that still read it.
        found.append(Request(template, names={"dns": ["a.corp.example"]}, subject=Subject(common_name=value)))
    return found


def passed(person: Person, ca: PrivateCA, request: Request, at: datetime) -> bool:
    try:
        services.issue(person.actor, ca, request, at=at)
    except InvalidInput:
        return False
    return True


def test_nothing_gets_past_the_constraints_of_a_root(owner: Person, limited: PrivateCA, at: datetime) -> None:
    through = [
        (kind, value, request.csr is not None)
        for kind, value in OUTSIDE + EXCLUDED
        for request in ways("everything", kind, value)
        if passed(owner, limited, request, at)
    ]
    # As common names these are no hosts: no client would take them for one.
    assert {value for _, value, _ in through} <= {"192.0.2.1", "0xc0000201"}
    assert all(kind == "dns" and not by_csr for kind, _, by_csr in through)


def test_nothing_gets_past_a_template(
    owner: Person, working: PrivateCA, templates: None, at: datetime
) -> None:
    through = [
        (kind, value)
        for kind, value in OUTSIDE
        for request in ways("narrow", kind, value)
        if request.subject is None and passed(owner, working, request, at)
    ]
    assert through == []
    assert (
        not PrivateCertificate.objects.exists()
        and not Issuance.objects.filter(key__startswith="pct").exists()
    )
    assert PrivateCA.objects.get(pk=working.pk).quota_used == 0


def test_what_is_inside_gets_through(owner: Person, limited: PrivateCA, at: datetime) -> None:
    """The tables above would be worth nothing if everything were refused."""
    for kind, value in (
        ("dns", "A.Corp.Example"), ("dns", "*.public.corp.example"), ("ip", "10.1.2.3"), ("ip", "fd00::1"),
        ("email", "Ada@CORP.example"), ("uri", "spiffe://corp.example/team/db"),
    ):  # fmt: skip
        for request in ways("everything", kind, value):
            assert passed(owner, limited, request, at), (kind, value)


def test_a_csr_gets_nothing_of_what_else_it_asks_for(owner: Person, working: PrivateCA, at: datetime) -> None:
    wishes = (
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.OCSP_SIGNING]),
        x509.KeyUsage(True, True, True, True, True, False, False, False, False),
        x509.BasicConstraints(ca=False, path_length=None),
        x509.NameConstraints([x509.DNSName("evil.test")], None),
        x509.SubjectKeyIdentifier(b"mine"),
        x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.1"), None)]),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"),
    )
    request = csr(x509.DNSName("a.example"), extensions=wishes)
    certificate = services.issue(owner.actor, working, Request("server", csr=request), at=at)
    found = x509.load_pem_x509_certificate(services.download(certificate, Part.LEAF).encode()).extensions
    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    usage = found.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and not (
        usage.key_cert_sign or usage.crl_sign or usage.key_agreement or usage.data_encipherment
    )
    assert not found.get_extension_for_class(x509.BasicConstraints).value.ca
    assert found.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest != b"mine"
    asked = {wish.oid for wish in wishes}
    given = {extension.oid for extension in found}
    assert asked & given == {
        x509.ExtendedKeyUsage.oid, x509.KeyUsage.oid, x509.BasicConstraints.oid, x509.SubjectKeyIdentifier.oid,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wish",
    [
        x509.BasicConstraints(ca=True, path_length=None),
        x509.KeyUsage(True, False, False, False, False, True, False, False, False),
        x509.KeyUsage(True, False, False, False, False, False, True, False, False),
    ],
)
def test_a_csr_that_wants_to_be_a_ca_is_refused(
    owner: Person, working: PrivateCA, at: datetime, wish: x509.ExtensionType
) -> None:
    with pytest.raises(InvalidInput) as met:
        request = csr(x509.DNSName("a.example"), extensions=(wish,))
        services.issue(owner.actor, working, Request("server", csr=request), at=at)
    assert met.value.code == "csr_ca"


def test_a_serial_number_is_given_once(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If chance gave it twice: the second is not signed, and costs no quota."""
    monkeypatch.setattr("hanaper.apps.authority.services.issuing.new_serial", lambda: (1 << 158) | 7)
    request = Request("server", names={"dns": ["a.example"]})
    services.issue(owner.actor, working, request, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.issue(owner.actor, working, request, at=at)
    assert PrivateCertificate.objects.count() == Issuance.objects.filter(key__startswith="pct").count() == 1
    assert PrivateCA.objects.get(pk=working.pk).quota_used == 1


def test_a_stranger_mints_nothing_below_it(
    stranger: Person, owner: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    """Every address that takes the id of a CA: another's is as if it were not there."""
    body = {"template": "server", "names": {"dns": ["a.example"]}}
    table = {"csv": "template,dns\nserver,a.example\n"}
    certificate = services.issue(owner.actor, working, Request("server", names={"dns": ["a.example"]}), at=at)
    for address, sent in (
        (f"/private-cas/{working.public_id}/certificates", body),
        (f"/private-cas/{working.public_id}/batches", table),
        (f"/private-certificates/{certificate.public_id}/renew", {}),
        (f"/private-cas/{root.public_id}/enable", {"subject": {"common_name": "Mine"}}),
    ):
        answer = stranger.rest.post(address, sent)
        assert answer.status_code == 404, (address, answer.content)
    assert PrivateCertificate.objects.get() == certificate
