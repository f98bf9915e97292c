"""A prepared certificate read back once, for all rules to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from cryptography import x509

from hanaper.core.x509.algorithms import KeyAlgorithm, UnsupportedKey, key_algorithm
from hanaper.core.x509.certificates import CertificateKind, Prepared

ExtensionValue = TypeVar("ExtensionValue", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Facts:
    """The parsed certificate. `key_algorithm` is None for a key that nothing is issued for."""

    kind: CertificateKind
    certificate: x509.Certificate
    subject: x509.Name
    issuer: x509.Name
    extensions: tuple[x509.Extension[Any], ...]
    key_algorithm: KeyAlgorithm | None
    issuer_spki: bytes
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, prepared: Prepared) -> "Facts":
        """Parse the lint copy; raises ValueError or DuplicateExtension if it cannot be read back."""
        certificate = x509.load_der_x509_certificate(prepared.lint_copy)
        if certificate.tbs_certificate_bytes != prepared.tbs:
            raise ValueError("the copy to lint is not the one to be signed")
        algorithm: KeyAlgorithm | None
        try:
            algorithm = key_algorithm(certificate.public_key())
        except UnsupportedKey:
            algorithm = None
        return cls(
            kind=prepared.kind,
            certificate=certificate,
            subject=certificate.subject,
            issuer=certificate.issuer,
            extensions=tuple(certificate.extensions),
            key_algorithm=algorithm,
            issuer_spki=prepared.issuer_spki,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )

    def extension(self, kind: type[ExtensionValue]) -> x509.Extension[ExtensionValue] | None:
        """The extension with a value of type `kind`, if the certificate has it."""
        return next((each for each in self.extensions if isinstance(each.value, kind)), None)

    def value(self, kind: type[ExtensionValue]) -> ExtensionValue | None:
        """That extension's value alone."""
        found = self.extension(kind)
        return None if found is None else found.value

    @property
    def dns_names(self) -> list[str]:
        """The DNS names among the alternative names."""
        names = self.value(x509.SubjectAlternativeName)
        return [] if names is None else names.get_values_for_type(x509.DNSName)

    @property
    def policies(self) -> list[str]:
        """Policy identifiers as dotted numbers, in order."""
        found = self.value(x509.CertificatePolicies)
        return [] if found is None else [each.policy_identifier.dotted_string for each in found]
