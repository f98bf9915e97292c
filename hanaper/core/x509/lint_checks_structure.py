"""Checks of what every certificate must be, public or private. Sources stand in `lint_rules`."""

import re
import unicodedata
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID, SignatureAlgorithmOID

from hanaper.core.x509 import der
from hanaper.core.x509.algorithms import SignatureAlgorithm, load_public_key
from hanaper.core.x509.certificates import CertificateKind
from hanaper.core.x509.lint_facts import Facts
from hanaper.core.x509.names import LIMITS

_OIDS = {
    SignatureAlgorithm.RSA_SHA256: SignatureAlgorithmOID.RSA_WITH_SHA256,
    SignatureAlgorithm.ECDSA_SHA256: SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    SignatureAlgorithm.ECDSA_SHA384: SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    SignatureAlgorithm.ED25519: SignatureAlgorithmOID.ED25519,
    SignatureAlgorithm.ML_DSA_44: SignatureAlgorithmOID.ML_DSA_44,
    SignatureAlgorithm.ML_DSA_65: SignatureAlgorithmOID.ML_DSA_65,
    SignatureAlgorithm.ML_DSA_87: SignatureAlgorithmOID.ML_DSA_87,
}

# Whether an extension is critical; the alternative names' own rule is in `alternative_names`.
_CRITICAL = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.NAME_CONSTRAINTS}
_EITHER = {ExtensionOID.SUBJECT_ALTERNATIVE_NAME}

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")

_URI = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?:[/?][!-~]*)?\Z")

_ADDRESS = re.compile(r"http://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]*\Z")

_LIMITS_BY_OID = {
    NameOID.ORGANIZATION_NAME: LIMITS["organization"],
    NameOID.LOCALITY_NAME: LIMITS["locality"],
    NameOID.STATE_OR_PROVINCE_NAME: LIMITS["state"],
    NameOID.COMMON_NAME: LIMITS["common_name"],
}


def version(facts: Facts) -> Iterator[str]:
    if facts.certificate.version is not x509.Version.v3:
        yield "a certificate with extensions is of version 3"


def serial(facts: Facts) -> Iterator[str]:
    number = facts.certificate.serial_number
    if number <= 0:
        yield "the serial number is not positive"
    elif number.bit_length() > 159:
        yield "the serial number takes more than 20 octets"
    elif number.bit_length() < 64:
        yield "the serial number is too small to hold 64 random bits"


def signature_algorithm(facts: Facts) -> Iterator[str]:
    certificate = facts.certificate
    _, algorithm = load_public_key(facts.issuer_spki)
    if certificate.signature_algorithm_oid != _OIDS[algorithm.signature]:
        yield f"the issuer's key signs with {algorithm.signature}, which is not what is named"
    whole = certificate.public_bytes(Encoding.DER)
    begin, _ = der.header(whole)
    _, tbs_end = der.header(whole, begin)
    if not whole[tbs_end:].startswith(der.inner_algorithm(certificate.tbs_certificate_bytes)):
        yield "the signature algorithms inside and outside of what is signed differ"


def known_key(facts: Facts) -> Iterator[str]:
    if facts.key_algorithm is None:
        yield "the key is of a kind or size that nothing is issued for"


def validity_order(facts: Facts) -> Iterator[str]:
    if facts.not_after <= facts.not_before:
        yield "the validity ends before it begins"


def issuer_named(facts: Facts) -> Iterator[str]:
    if not facts.issuer.rdns:
        yield "the issuer has no name"


def subject_named(facts: Facts) -> Iterator[str]:
    if not facts.subject.rdns:
        yield "a CA has a name"


def self_issued(facts: Facts) -> Iterator[str]:
    if facts.issuer.public_bytes() != facts.subject.public_bytes():
        yield "a root's issuer and subject are the same, byte for byte"


def link_of_one_key(facts: Facts) -> Iterator[str]:
    own, issuer = facts.value(x509.SubjectKeyIdentifier), facts.value(x509.AuthorityKeyIdentifier)
    if facts.issuer.public_bytes() != facts.subject.public_bytes():
        yield "a link stands between two keys of one name, byte for byte"
    if own is not None and issuer is not None and own.digest == issuer.key_identifier:
        yield "a link certifies another key than the one that signs it"


def not_self_issued(facts: Facts) -> Iterator[str]:
    if facts.issuer == facts.subject:
        yield "the subject has its issuer's name, so a chain would end here"


def subject_values(facts: Facts) -> Iterator[str]:
    for attribute in facts.subject:
        name, value = attribute.rfc4514_attribute_name, attribute.value
        if not isinstance(value, str):
            yield f"{name} is not text"
        elif any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            yield f"{name} holds control characters"
        elif value != value.strip() or not re.search(r"\w", value):
            yield f"{name} says nothing, or has blanks around it"
        elif len(value) > _LIMITS_BY_OID.get(attribute.oid, 128):
            yield f"{name} is too long"
        elif attribute.oid == NameOID.COUNTRY_NAME and not re.fullmatch(r"[A-Z]{2}", value):
            yield f"{name} is not a country's code"


def basic_constraints(facts: Facts) -> Iterator[str]:
    found = facts.extension(x509.BasicConstraints)
    is_ca = facts.kind is not CertificateKind.LEAF
    if found is None:
        yield "there are no basic constraints"
        return
    if not found.critical:
        yield "basic constraints are critical"
    if found.value.ca is not is_ca:
        yield f"CA is {found.value.ca} in a {facts.kind} certificate"


def key_usage(facts: Facts) -> Iterator[str]:
    found = facts.extension(x509.KeyUsage)
    if found is None:
        yield "there is no key usage"
        return
    usage = found.value
    if not found.critical:
        yield "key usage is critical"
    if facts.kind is CertificateKind.LEAF:
        if usage.key_cert_sign or usage.crl_sign:
            yield "an end entity does not sign certificates or CRLs"
        if not usage.digital_signature:
            yield "an end entity's key signs"
        if usage.key_encipherment and facts.key_algorithm is not None and not facts.key_algorithm.is_rsa:
            yield "only an RSA key can encipher keys"
    else:
        if not (usage.key_cert_sign and usage.crl_sign):
            yield "a CA signs certificates and CRLs"
        if usage.key_encipherment or usage.data_encipherment or usage.key_agreement:
            yield "a CA's key is for signing only"


def authority_key(facts: Facts) -> Iterator[str]:
    value = facts.value(x509.AuthorityKeyIdentifier)
    if value is None or value.key_identifier is None:
        yield "the issuer's key is not identified"
    elif value.authority_cert_issuer is not None or value.authority_cert_serial_number is not None:
        yield "the issuer is identified by its key only"


def root_key_identifiers(facts: Facts) -> Iterator[str]:
    authority, own = facts.value(x509.AuthorityKeyIdentifier), facts.value(x509.SubjectKeyIdentifier)
    if authority is not None and own is not None and authority.key_identifier != own.digest:
        yield "a root's two key identifiers are the same"


def subject_key(facts: Facts) -> Iterator[str]:
    if facts.value(x509.SubjectKeyIdentifier) is None:
        yield "a CA's own key is identified"


def criticality(facts: Facts) -> Iterator[str]:
    for extension in facts.extensions:
        if extension.oid in _EITHER:
            continue
        if extension.critical is not (extension.oid in _CRITICAL):
            yield f"{extension.oid.dotted_string} is {'' if extension.critical else 'not '}critical"


def alternative_names(facts: Facts) -> Iterator[str]:
    found = facts.extension(x509.SubjectAlternativeName)
    if found is None or not list(found.value):
        if not facts.subject.rdns:
            yield "neither a subject nor alternative names"
        return
    if found.critical is bool(facts.subject.rdns):
        yield "alternative names are critical exactly when the subject is empty"
    names = list(found.value)
    if len(set(names)) < len(names):
        yield "a name stands there twice"


def dns_name_syntax(facts: Facts) -> Iterator[str]:
    for name in facts.dns_names:
        base = name.removeprefix("*.")
        if len(name) > 253 or not all(map(_LABEL.match, base.split("."))):
            yield f"{name[:60]!r} is not a domain name in lower case"


def uri_syntax(facts: Facts) -> Iterator[str]:
    names = facts.value(x509.SubjectAlternativeName)
    for uri in [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier):
        if not _URI.match(uri):
            yield f"{uri[:60]!r} is not a URI with a scheme and a host"


def status_addresses(facts: Facts) -> Iterator[str]:
    addresses: list[x509.GeneralName] = []
    points = [*(facts.value(x509.CRLDistributionPoints) or ()), *(facts.value(x509.FreshestCRL) or ())]
    for point in points:
        if point.full_name is None or point.reasons is not None or point.crl_issuer is not None:
            yield "a CRL is found by an address alone"
        addresses += point.full_name or []
    access = facts.value(x509.AuthorityInformationAccess)
    addresses += [description.access_location for description in access or ()]
    for address in addresses:
        if not isinstance(address, x509.UniformResourceIdentifier) or not _ADDRESS.match(address.value):
            yield "an address for status is a plain http one"


def no_any_usage(facts: Facts) -> Iterator[str]:
    usage = facts.value(x509.ExtendedKeyUsage)
    if usage is None or not list(usage):
        yield "an end entity says what it is for"
    elif ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage:
        yield "an end entity is not for any use"


def responder(facts: Facts) -> Iterator[str]:
    """Who answers for an authority does nothing else, and says that nobody need ask about it."""
    usage, no_check = facts.value(x509.ExtendedKeyUsage), facts.value(x509.OCSPNoCheck)
    answers = usage is not None and ExtendedKeyUsageOID.OCSP_SIGNING in usage
    if answers and (len(list(usage or ())) > 1 or facts.value(x509.SubjectAlternativeName) is not None):
        yield "a responder is for nothing else"
    if answers is not (no_check is not None):
        yield "a responder, and nothing else, is not asked about (id-pkix-ocsp-nocheck)"
