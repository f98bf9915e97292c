"""Full linting with pkilint: about a hundred validators of RFC 5280 and the Baseline Requirements.

In a module of its own, since importing pkilint takes memory and time that only whoever lints fully
should pay. Milliseconds for each certificate: run it once for each `profile_shape` and on samples.
"""

from functools import cache
from types import SimpleNamespace

from pkilint import finding_filter, loader, pkix
from pkilint.cabf import cabf_crl, serverauth
from pkilint.cabf.serverauth.serverauth_constants import CertificateType
from pkilint.common import alternative_name
from pkilint.common.alternative_name import GeneralNameUriInternalDomainNameValidator
from pkilint.pkix import certificate, crl, extension, general_name, name, ocsp
from pkilint.validation import (
    ValidationFindingDescription,
    ValidationFindingSeverity,
    ValidationResult,
)
from publicsuffixlist import PublicSuffixList

from hanaper.core.x509.findings import Finding, Rulebook, Severity

_SEVERITIES = {
    ValidationFindingSeverity.FATAL: Severity.ERROR,
    ValidationFindingSeverity.ERROR: Severity.ERROR,
    ValidationFindingSeverity.WARNING: Severity.WARNING,
    ValidationFindingSeverity.NOTICE: Severity.NOTICE,
}

# Five validators read the public suffix list, a quarter of a second each: let them share one.
alternative_name.publicsuffixlist = SimpleNamespace(PublicSuffixList=cache(PublicSuffixList))

# RFC 5280 knows no wildcards and pkilint's PKIX book takes it at its word; RFC 9525 6.3 has them. Of URIs
# pkilint knows some schemes only, and spiffe is none. The native rules `dns_name` and `uri_name` look at the
# rest of both.
_PRIVATE_FILTERS = [
    finding_filter.ValidationFindingFilter(each)
    for each in (
        general_name.DomainNameSyntaxValidator.VALIDATION_NOT_PREFERRED_NAME_SYNTAX,
        general_name.GeneralNameUriSyntaxValidator.VALIDATION_INVALID_URI_SYNTAX,
    )
]


class _OwnAddresses(finding_filter.FindingDescriptionFilter):  # type: ignore[misc]  # pkilint has no types
    """The only URIs of a public certificate are where its status is published. An installation inside a
    house has a name there that the public does not know; who may not is told so in docs/operations.md.
    """

    def filter(self, result: ValidationResult, _description: ValidationFindingDescription) -> bool:
        return not isinstance(result.validator, GeneralNameUriInternalDomainNameValidator)


def lint_fully(der: bytes, rulebook: Rulebook = Rulebook.PUBLIC_TLS) -> list[Finding]:
    """pkilint's findings for a certificate (DER, the lint copy or the signed one), worst first.

    Under `public_tls` its type (root, CA, DV, OV, EV) is read from the certificate itself.
    """
    try:
        document = loader.load_der_certificate(der, "certificate")
        if rulebook is Rulebook.PUBLIC_TLS:
            kind = serverauth.determine_certificate_type(document)
            results = _tls_validators(kind).validate(document.root)
            filters = [*serverauth.create_serverauth_finding_filters(kind), _OwnAddresses()]
        else:
            results = _pkix_validators().validate(document.root)
            filters = _PRIVATE_FILTERS
    except ValueError as error:
        return [_unreadable(error)]
    kept, _ = finding_filter.filter_results(filters, results)
    return _findings(kept)


def lint_crl_fully(
    der: bytes, rulebook: Rulebook = Rulebook.PUBLIC_TLS, *, of_cas: bool = False
) -> list[Finding]:
    """pkilint's findings for a CRL; `of_cas` for a list of CA certificates alone (an ARL)."""
    try:
        document = loader.load_der_crl(der, "crl")
        results = _crl_validators(rulebook, of_cas).validate(document.root)
    except ValueError as error:
        return [_unreadable(error)]
    return _findings(results)


def lint_answer_fully(der: bytes) -> list[Finding]:
    """pkilint's findings for an OCSP response."""
    try:
        document = loader.load_der_ocsp_response(der, "response")
        results = _answer_validators().validate(document.root)
    except ValueError as error:
        return [_unreadable(error)]
    return _findings(results)


def _unreadable(error: ValueError) -> Finding:
    return Finding(Severity.ERROR, "unreadable", str(error)[:200], "X.690")


def _findings(results: list[ValidationResult]) -> list[Finding]:
    found = [
        Finding(
            _SEVERITIES[description.finding.severity],
            description.finding.code,
            description.message or description.finding.code,
            f"pkilint {result.validator.name}",
        )
        for result in results
        for description in result.finding_descriptions
        if description.finding.severity in _SEVERITIES
    ]
    order = list(Severity)
    return sorted(found, key=lambda each: order.index(each.severity))


@cache
def _tls_validators(kind: CertificateType):  # type: ignore[no-untyped-def]  # pkilint has no types
    return certificate.create_pkix_certificate_validator_container(
        serverauth.create_decoding_validators(), serverauth.create_validators(kind)
    )


@cache
def _pkix_validators():  # type: ignore[no-untyped-def]
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


@cache
def _crl_validators(rulebook: Rulebook, of_cas: bool):  # type: ignore[no-untyped-def]
    kind = crl.CertificateRevocationListType.ARL if of_cas else crl.CertificateRevocationListType.CRL
    public = rulebook is Rulebook.PUBLIC_TLS
    return crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container(
                [cabf_crl.create_validity_period_validator(kind)] if public else []
            ),
            crl.create_extensions_validator_container([]),
            *([cabf_crl.CabfCrlReasonCodeAllowlistValidator(kind)] if public else []),
        ],
    )


@cache
def _answer_validators():  # type: ignore[no-untyped-def]
    return ocsp.create_pkix_ocsp_response_validator_container(
        [
            ocsp.create_response_decoder(),
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [],
    )
