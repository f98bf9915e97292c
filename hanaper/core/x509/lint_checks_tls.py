"""Checks of what public TLS asks beyond RFC 5280. Sources stand in `lint_rules`."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
    NameOID,
)

from hanaper.core.x509.certificates import CertificateKind
from hanaper.core.x509.dated_limits import MAX_VALIDITY, limit_at
from hanaper.core.x509.extensions import ANY_POLICY
from hanaper.core.x509.lint_facts import Facts

DV_POLICY, OV_POLICY, EV_POLICY = "2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.1"

_CA_BASE = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
}
_UNDER_A_CA = {
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.CRL_DISTRIBUTION_POINTS,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    ExtensionOID.EXTENDED_KEY_USAGE,
}
_EXPECTED = {
    CertificateKind.ROOT: _CA_BASE,
    CertificateKind.INTERMEDIATE: _CA_BASE | _UNDER_A_CA | {ExtensionOID.NAME_CONSTRAINTS},
    CertificateKind.LINK: _CA_BASE | _UNDER_A_CA,
    CertificateKind.LEAF: _CA_BASE | _UNDER_A_CA | {ExtensionOID.SUBJECT_ALTERNATIVE_NAME},
}

_REQUIRED_SUBJECT = {
    DV_POLICY: frozenset[x509.ObjectIdentifier](),
    OV_POLICY: frozenset({NameOID.ORGANIZATION_NAME, NameOID.COUNTRY_NAME}),
    EV_POLICY: frozenset(
        {
            NameOID.ORGANIZATION_NAME,
            NameOID.COUNTRY_NAME,
            NameOID.BUSINESS_CATEGORY,
            NameOID.JURISDICTION_COUNTRY_NAME,
            NameOID.SERIAL_NUMBER,
        }
    ),
}
_PLACE = frozenset({NameOID.LOCALITY_NAME, NameOID.STATE_OR_PROVINCE_NAME})
_PERMITTED_SUBJECT = {
    DV_POLICY: frozenset({NameOID.COUNTRY_NAME, NameOID.COMMON_NAME}),
    OV_POLICY: _REQUIRED_SUBJECT[OV_POLICY] | _PLACE | {NameOID.COMMON_NAME},
    EV_POLICY: _REQUIRED_SUBJECT[EV_POLICY]
    | _PLACE
    | {
        NameOID.COMMON_NAME,
        NameOID.JURISDICTION_STATE_OR_PROVINCE_NAME,
        NameOID.JURISDICTION_LOCALITY_NAME,
    },
}

_ROOT_DAYS = range(2922, 9132 + 1)


def _span(facts: Facts) -> timedelta:
    """How long it is valid, both end seconds counted (RFC 5280 4.1.2.5)."""
    return facts.not_after - facts.not_before + timedelta(seconds=1)


def root_path_length(facts: Facts) -> Iterator[str]:
    found = facts.value(x509.BasicConstraints)
    if found is not None and found.path_length is not None:
        yield "a root has no path length"


def key(facts: Facts) -> Iterator[str]:
    if facts.key_algorithm is not None and not facts.key_algorithm.publicly_trusted:
        yield f"public TLS does not permit {facts.key_algorithm}"


def extension_set(facts: Facts) -> Iterator[str]:
    for extension in facts.extensions:
        if extension.oid not in _EXPECTED[facts.kind]:
            yield f"{extension.oid.dotted_string} does not belong into a {facts.kind} certificate"


def leaf_validity(facts: Facts) -> Iterator[str]:
    limit = limit_at(MAX_VALIDITY, facts.not_before)
    if _span(facts) > limit:
        yield f"valid for longer than {limit.days} days"


def root_validity(facts: Facts) -> Iterator[str]:
    if not timedelta(days=_ROOT_DAYS[0]) <= _span(facts) <= timedelta(days=_ROOT_DAYS[-1]):
        yield f"a root is valid for {_ROOT_DAYS[0]} to {_ROOT_DAYS[-1]} days"


def extended_key_usage(facts: Facts) -> Iterator[str]:
    usage = facts.value(x509.ExtendedKeyUsage)
    # serverAuth and nothing else, the issuing CA too: Chrome Root Program 1.8 is stricter than the BR.
    if usage is None or list(usage) != [ExtendedKeyUsageOID.SERVER_AUTH]:
        yield "the one extended key usage is serverAuth"


def policies(facts: Facts) -> Iterator[str]:
    found = facts.policies
    if facts.kind is CertificateKind.INTERMEDIATE and found == [ANY_POLICY]:
        return
    reserved = [policy for policy in found if policy in _REQUIRED_SUBJECT]
    if len(reserved) != 1:
        yield "there is exactly one of the reserved policies for DV, OV or EV"
    elif found[0] != reserved[0]:
        yield "the reserved policy stands first"
    if ANY_POLICY in found:
        yield "anyPolicy does not stand here"


def subject_for_policy(facts: Facts) -> Iterator[str]:
    policy = next((each for each in facts.policies if each in _REQUIRED_SUBJECT), None)
    if policy is None:
        return  # said by the rule `policy`
    present = [attribute.oid for attribute in facts.subject]
    for missing in sorted(_REQUIRED_SUBJECT[policy] - set(present), key=str):
        yield f"the subject lacks {missing.dotted_string}"
    if policy != DV_POLICY and not _PLACE & set(present):
        yield "the subject names neither town nor state"
    for unexpected in sorted(set(present) - _PERMITTED_SUBJECT[policy], key=str):
        yield f"the subject has {unexpected.dotted_string}, which this policy does not vouch for"
    if len(set(present)) < len(present):
        yield "a field of the subject stands there twice"


def ev_wildcard(facts: Facts) -> Iterator[str]:
    if EV_POLICY in facts.policies and any(name.startswith("*.") for name in facts.dns_names):
        yield "an EV certificate holds no wildcard"


def alternative_names(facts: Facts) -> Iterator[str]:
    if facts.value(x509.SubjectAlternativeName) is None:
        yield "there are no alternative names"


def only_dns_names(facts: Facts) -> Iterator[str]:
    names = facts.value(x509.SubjectAlternativeName)
    if names is not None and len(facts.dns_names) < len(list(names)):
        yield "an alternative name is not a domain name"


def internal_name(facts: Facts) -> Iterator[str]:
    for name in facts.dns_names:
        if "." not in name.removeprefix("*."):
            yield f"{name[:60]!r} is an internal name, or a whole top-level domain"


def common_name(facts: Facts) -> Iterator[str]:
    for attribute in facts.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        if attribute.value not in facts.dns_names:
            yield "the common name is not among the alternative names"


def ca_subject(facts: Facts) -> Iterator[str]:
    for oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if len(facts.subject.get_attributes_for_oid(oid)) != 1:
            yield f"a CA's name has one {oid.dotted_string}"


def crl_address(facts: Facts) -> Iterator[str]:
    # No OCSP address is put in by default, so the CRL is the one way to learn of a revocation.
    if facts.value(x509.CRLDistributionPoints) is None:
        yield "there is no address of a CRL"


def issuer_address(facts: Facts) -> Iterator[str]:
    access = facts.value(x509.AuthorityInformationAccess)
    methods = [description.access_method for description in access or ()]
    if AuthorityInformationAccessOID.CA_ISSUERS not in methods:
        yield "there is no address of the issuer's certificate"


def no_subject_key(facts: Facts) -> Iterator[str]:
    if facts.value(x509.SubjectKeyIdentifier) is not None:
        yield "an end entity's own key is better not identified"
