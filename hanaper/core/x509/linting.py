"""Native linting: every certificate and CRL is checked before it is signed (BR 4.3.1.2).

The checks look at the copy signed by a throw-away key, parsed anew, and not at what was meant, so that
a mistake in building shows; they take under 200 microseconds. `full_linting` asks pkilint, which knows
more and takes milliseconds; it runs once for each `profile_shape` and on samples.
"""

import hashlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from hanaper.core.x509.certificates import Prepared
from hanaper.core.x509.crl import PreparedCrl
from hanaper.core.x509.crl_rules import crl_findings
from hanaper.core.x509.findings import Finding, Rulebook, Severity
from hanaper.core.x509.lint_facts import Facts
from hanaper.core.x509.lint_rules import RULES


def lint_natively(prepared: Prepared, rulebook: Rulebook = Rulebook.PUBLIC_TLS) -> list[Finding]:
    """Everything wrong with a prepared certificate under `rulebook`; empty when it may be signed."""
    facts = _facts(prepared)
    if isinstance(facts, Finding):
        return [facts]
    return [
        Finding(rule.severity, rule.code, message, rule.source)
        for rule in RULES
        if prepared.kind in rule.kinds and rulebook in rule.books
        for message in rule.check(facts)
    ]


def lint_crl_natively(prepared: PreparedCrl, rulebook: Rulebook = Rulebook.PUBLIC_TLS) -> list[Finding]:
    """Everything wrong with a prepared CRL; takes some seven microseconds for each entry."""
    return crl_findings(prepared, rulebook)


def profile_shape(prepared: Prepared) -> str:
    """A key that certificates share which differ only in values that no rule turns on.

    Kind, algorithms, extensions with their criticality, uses, policies, the fields of the subject, the
    kinds of names and the length of the validity in days: a full lint of one speaks for the others.
    """
    certificate = x509.load_der_x509_certificate(prepared.lint_copy)
    parts = [
        prepared.kind.value,
        prepared.signature_algorithm.value,
        certificate.public_key_algorithm_oid.dotted_string,
        str(getattr(certificate.public_key(), "key_size", "")),
        str((prepared.not_after - prepared.not_before).days),
        *(attribute.oid.dotted_string for attribute in certificate.subject),
        "|",
        *_extension_shapes(certificate),
    ]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def _extension_shapes(certificate: x509.Certificate) -> Iterator[str]:
    for extension in certificate.extensions:
        yield f"{extension.oid.dotted_string}{'!' if extension.critical else ''}"
        value = extension.value
        if isinstance(value, x509.ExtendedKeyUsage):
            yield from _dotted(value)
        elif isinstance(value, x509.CertificatePolicies):
            yield from _dotted(information.policy_identifier for information in value)
        elif isinstance(value, x509.SubjectAlternativeName):
            yield from sorted({_name_shape(name) for name in value})
        elif isinstance(value, x509.AuthorityInformationAccess):
            yield from _dotted(description.access_method for description in value)
        elif isinstance(value, x509.KeyUsage | x509.BasicConstraints | x509.NameConstraints):
            yield repr(value)


def _dotted(identifiers: Iterator[ObjectIdentifier] | x509.ExtendedKeyUsage) -> Iterator[str]:
    return (identifier.dotted_string for identifier in identifiers)


def _name_shape(name: x509.GeneralName) -> str:
    shape = type(name).__name__
    if isinstance(name, x509.DNSName):
        shape += "*" if name.value.startswith("*.") else ""
        shape += "xn" if "xn--" in name.value else ""
    return shape


def _facts(prepared: Prepared) -> Facts | Finding:
    try:
        return Facts.of(prepared)
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        # Whatever cannot be read back must not be signed.
        return Finding(Severity.ERROR, "unreadable", f"cannot be read back: {error}", "RFC 5280 4.1")
