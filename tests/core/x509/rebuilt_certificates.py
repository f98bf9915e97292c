"""What breaks a rule of linting: a good certificate, changed in one place and signed again by the lint key."""

from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hanaper.core.x509 import der
from hanaper.core.x509.lint_keys import lint_key
from tests.core.x509.certificate_chains import AT


def rebuilt(prepared, *, drop=(), put=(), key=None, algorithm=None, **fields):
    """`prepared` with fields replaced (builder's names), extensions dropped by type, others put."""
    old = x509.load_der_x509_certificate(prepared.lint_copy)
    putting = {extension.oid for extension in put}
    kept = [
        extension
        for extension in old.extensions
        if not isinstance(extension.value, tuple(drop)) and extension.oid not in putting
    ]
    arguments = {
        "issuer_name": old.issuer,
        "subject_name": old.subject,
        "public_key": key or old.public_key(),
        "serial_number": old.serial_number,
        "not_valid_before": old.not_valid_before_utc.replace(tzinfo=None),
        "not_valid_after": old.not_valid_after_utc.replace(tzinfo=None),
        "extensions": [*kept, *put],
    } | fields
    algorithm = algorithm or prepared.signature_algorithm
    copy = x509.CertificateBuilder(**arguments).sign(lint_key(algorithm), algorithm.hash)
    return _of_copy(prepared, copy.public_bytes(Encoding.DER))


def _of_copy(prepared, lint_copy):
    begin, _ = der.header(lint_copy)
    _, end = der.header(lint_copy, begin)
    return replace(prepared, lint_copy=lint_copy, tbs=lint_copy[begin:end])


def of_version_1(prepared):
    begin, end = der.header(prepared.tbs)
    _, version_end = der.header(prepared.tbs, begin)
    tbs = der.encode(der.SEQUENCE, prepared.tbs[version_end:end])
    return _of_copy(prepared, der.signed(tbs, der.inner_algorithm(tbs), b"\x00"))


def with_other_outer_algorithm(prepared):
    other = der.encode(der.SEQUENCE, bytes.fromhex("06082a8648ce3d040303"))  # ecdsa-with-SHA384
    return _of_copy(prepared, der.signed(prepared.tbs, other, b"\x00"))


def of_the_same_key(prepared):
    copy = x509.load_der_x509_certificate(prepared.lint_copy)
    own = copy.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return rebuilt(prepared, put=[extension(x509.AuthorityKeyIdentifier(own, None, None))])


def extension(value, critical=False):
    return x509.Extension(value.oid, critical, value)


def usage(*names):
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in names for name in every})


def named(**attributes):
    return x509.Name(
        [
            x509.NameAttribute(getattr(NameOID, oid), value, _validate=False)
            for oid, value in attributes.items()
        ]
    )


def san(*names, critical=True):
    return extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical)


def uri(value):
    return extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(value)]), True)


def policy(*oids):
    informations = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in oids]
    return extension(x509.CertificatePolicies(informations))


def eku(*usages):
    return extension(x509.ExtendedKeyUsage(usages))


def crl_at(address):
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
    return extension(x509.CRLDistributionPoints([point]))


NAIVE = AT.replace(tzinfo=None)
