"""The list of native rules: what each is called, where it comes from, what it applies to.

The checks themselves stand in `lint_checks_structure` (what every certificate must be) and
`lint_checks_tls` (what public TLS asks beyond it). A check yields one message for each thing wrong.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hanaper.core.x509 import lint_checks_structure as structure
from hanaper.core.x509 import lint_checks_tls as tls
from hanaper.core.x509.certificates import CertificateKind
from hanaper.core.x509.findings import Rulebook, Severity
from hanaper.core.x509.lint_facts import Facts


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `check` is called for certificates of `kinds` under one of `books`."""

    code: str
    source: str
    check: Callable[[Facts], Iterable[str]]
    kinds: frozenset[CertificateKind]
    books: frozenset[Rulebook]
    severity: Severity = Severity.ERROR


_EVERY = frozenset(CertificateKind)
_ROOT = frozenset({CertificateKind.ROOT})
_INTERMEDIATE = frozenset({CertificateKind.INTERMEDIATE})
_LEAF = frozenset({CertificateKind.LEAF})
_LINK = frozenset({CertificateKind.LINK})
_CA = _ROOT | _INTERMEDIATE | _LINK
_UNDER_A_CA = _INTERMEDIATE | _LINK | _LEAF
_BOTH = frozenset(Rulebook)
_PUBLIC = frozenset({Rulebook.PUBLIC_TLS})
_WARNING = Severity.WARNING

RULES: tuple[Rule, ...] = (
    Rule("version", "RFC 5280 4.1.2.1", structure.version, _EVERY, _BOTH),
    Rule("serial", "RFC 5280 4.1.2.2; BR 7.1", structure.serial, _EVERY, _BOTH),
    Rule("signature_algorithm", "RFC 5280 4.1.1.2; BR 7.1.3.2", structure.signature_algorithm, _EVERY, _BOTH),
    Rule("key_algorithm", "BR 6.1.5; RFC 9881", structure.known_key, _EVERY, _BOTH),
    Rule("public_key_algorithm", "BR 7.1.3.1", tls.key, _EVERY, _PUBLIC),
    Rule("validity_order", "RFC 5280 4.1.2.5", structure.validity_order, _EVERY, _BOTH),
    Rule("issuer_empty", "RFC 5280 4.1.2.4", structure.issuer_named, _EVERY, _BOTH),
    Rule("ca_subject_empty", "RFC 5280 4.1.2.6", structure.subject_named, _CA, _BOTH),
    Rule("root_self_issued", "BR 7.1.2.1", structure.self_issued, _ROOT, _BOTH),
    Rule("issuer_is_subject", "RFC 5280 3.2", structure.not_self_issued, _INTERMEDIATE | _LEAF, _BOTH),
    Rule("link_of_one_key", "RFC 5280 3.2; RFC 4210 4.4", structure.link_of_one_key, _LINK, _BOTH),
    Rule("subject_value", "BR 7.1.4.2; RFC 5280 A.1", structure.subject_values, _EVERY, _BOTH),
    Rule("basic_constraints", "RFC 5280 4.2.1.9; BR 7.1.2.7.8", structure.basic_constraints, _EVERY, _BOTH),
    Rule("key_usage", "RFC 5280 4.2.1.3; BR 7.1.2.7.11, 7.1.2.10.7", structure.key_usage, _EVERY, _BOTH),
    Rule("authority_key", "RFC 5280 4.2.1.1; BR 7.1.2.11.1", structure.authority_key, _EVERY, _BOTH),
    Rule("root_key_identifiers", "BR 7.1.2.1.3", structure.root_key_identifiers, _ROOT, _BOTH),
    Rule("subject_key", "RFC 5280 4.2.1.2", structure.subject_key, _CA, _BOTH),
    Rule("criticality", "RFC 5280 4.2", structure.criticality, _EVERY, _BOTH),
    Rule("alternative_names", "RFC 5280 4.2.1.6", structure.alternative_names, _LEAF, _BOTH),
    Rule("no_alternative_names", "BR 7.1.2.7.12", tls.alternative_names, _LEAF, _PUBLIC),
    Rule("dns_name", "RFC 5280 4.2.1.6; BR 7.1.2.7.12", structure.dns_name_syntax, _LEAF, _BOTH),
    Rule("uri_name", "RFC 5280 4.2.1.6; RFC 3986 3", structure.uri_syntax, _LEAF, _BOTH),
    Rule("status_address", "RFC 5280 4.2.1.13, 4.2.2.1, 8", structure.status_addresses, _EVERY, _BOTH),
    Rule("any_extended_key_usage", "BR 7.1.2.7.10", structure.no_any_usage, _LEAF, _BOTH),
    Rule("responder", "RFC 6960 4.2.2.2", structure.responder, _LEAF, _BOTH),
    Rule("extension_not_expected", "BR 7.1.2.1.2, 7.1.2.6.1, 7.1.2.7.6", tls.extension_set, _EVERY, _PUBLIC),
    Rule("validity_too_long", "BR 6.3.2", tls.leaf_validity, _LEAF, _PUBLIC),
    Rule("root_path_length", "BR 7.1.2.1.4", tls.root_path_length, _ROOT, _PUBLIC),
    Rule("root_validity", "BR 7.1.2.1.1", tls.root_validity, _ROOT, _PUBLIC),
    Rule("extended_key_usage", "BR 7.1.2.7.10, 7.1.2.10.6", tls.extended_key_usage, _UNDER_A_CA, _PUBLIC),
    Rule("policy", "BR 7.1.2.7.9, 7.1.2.10.5", tls.policies, _UNDER_A_CA, _PUBLIC),
    Rule("subject_for_policy", "BR 7.1.2.7.2-4; EVG 9.2", tls.subject_for_policy, _LEAF, _PUBLIC),
    Rule("ev_wildcard", "EVG 9.8.1", tls.ev_wildcard, _LEAF, _PUBLIC),
    Rule("only_dns_names", "BR 7.1.2.7.12", tls.only_dns_names, _LEAF, _PUBLIC),
    Rule("internal_name", "BR 7.1.2.7.12, 4.2.2", tls.internal_name, _LEAF, _PUBLIC),
    Rule("common_name_in_names", "BR 7.1.4.3", tls.common_name, _LEAF, _PUBLIC),
    Rule("ca_subject", "BR 7.1.2.10.2", tls.ca_subject, _CA, _PUBLIC),
    Rule("crl_address_missing", "BR 7.1.2.11.2", tls.crl_address, _UNDER_A_CA, _PUBLIC),
    Rule("issuer_address_missing", "BR 7.1.2.7.7", tls.issuer_address, _UNDER_A_CA, _PUBLIC, _WARNING),
    Rule("leaf_subject_key", "BR 7.1.2.7.6", tls.no_subject_key, _LEAF, _PUBLIC, _WARNING),
)  # fmt: skip
