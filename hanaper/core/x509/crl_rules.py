"""Native checks of a CRL before it is signed (RFC 5280 section 5; Baseline Requirements 4.9.7, 7.2)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from hanaper.core.x509 import der
from hanaper.core.x509.crl import PreparedCrl
from hanaper.core.x509.findings import Finding, Rulebook, Severity

# Whether critical: in a complete list, and in a delta.
_EXPECTED = {
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False,
    ExtensionOID.CRL_NUMBER: False,
    ExtensionOID.ISSUING_DISTRIBUTION_POINT: True,
    ExtensionOID.FRESHEST_CRL: False,
}
_EXPECTED_OF_DELTA = {
    **{oid: critical for oid, critical in _EXPECTED.items() if oid != ExtensionOID.FRESHEST_CRL},
    ExtensionOID.DELTA_CRL_INDICATOR: True,
}
# BR 4.9.7: a list with end entities is replaced within ten days; one of CAs alone within a year.
_USER_LIMIT, _CA_LIMIT = timedelta(days=10), timedelta(days=366)

_REFUSED_REASONS = {
    x509.ReasonFlags.unspecified: "the reason unspecified is said by leaving it out",
    x509.ReasonFlags.remove_from_crl: "only a delta list takes entries back",
}
# Of a long list the first entries speak for the others, which the same function wrote; the linter would read
# for seconds otherwise.
_LINTED = 10_000

_List = x509.CertificateRevocationList


def _point(crl: _List) -> x509.IssuingDistributionPoint | None:
    return next(
        (each.value for each in crl.extensions if isinstance(each.value, x509.IssuingDistributionPoint)),
        None,
    )


def _base(crl: _List) -> int | None:
    """Of a delta, the number of the list to which it adds."""
    return next(
        (each.value.crl_number for each in crl.extensions if isinstance(each.value, x509.DeltaCRLIndicator)),
        None,
    )


def _extensions(crl: _List) -> Iterator[str]:
    expected = _EXPECTED if _base(crl) is None else _EXPECTED_OF_DELTA
    for extension in crl.extensions:
        if extension.oid not in expected:
            yield f"{extension.oid.dotted_string} does not belong into such a list"
        elif extension.critical is not expected[extension.oid]:
            yield f"{extension.oid.dotted_string} is {'' if extension.critical else 'not '}critical"


def _required(crl: _List) -> Iterator[str]:
    present = {extension.oid for extension in crl.extensions}
    if ExtensionOID.CRL_NUMBER not in present:
        yield "there is no CRL number"
    if ExtensionOID.AUTHORITY_KEY_IDENTIFIER not in present:
        yield "the issuer's key is not identified"


def _numbers(crl: _List) -> Iterator[str]:
    numbers = [each.value.crl_number for each in crl.extensions if isinstance(each.value, x509.CRLNumber)]
    base = _base(crl)
    if base is not None and numbers and base > numbers[0]:
        yield "a delta adds to a list that came before it"


def _updates(crl: _List) -> Iterator[str]:
    if crl.next_update_utc is None:
        yield "there is no time for the next list"
    elif crl.next_update_utc <= crl.last_update_utc:
        yield "the next list comes after this one"


def _often_enough(crl: _List) -> Iterator[str]:
    point = _point(crl)
    limit = _CA_LIMIT if point is not None and point.only_contains_ca_certs else _USER_LIMIT
    if crl.next_update_utc is not None and crl.next_update_utc - crl.last_update_utc > limit:
        yield f"the next list comes after more than {limit.days} days"


def _entries(crl: _List) -> Iterator[str]:
    seen: set[int] = set()
    delta = _base(crl) is not None
    for entry in islice(crl, _LINTED):
        if entry.serial_number in seen:
            yield f"{entry.serial_number:X} stands there twice"
        seen.add(entry.serial_number)
        if entry.revocation_date_utc > crl.last_update_utc:
            yield f"{entry.serial_number:X} is revoked after the list was made"
        for extension in entry.extensions:
            if not isinstance(extension.value, x509.CRLReason):
                yield f"{entry.serial_number:X} has {extension.oid.dotted_string}"
            elif delta and extension.value.reason is x509.ReasonFlags.remove_from_crl:
                continue
            elif extension.value.reason in _REFUSED_REASONS:
                yield f"{entry.serial_number:X}: {_REFUSED_REASONS[extension.value.reason]}"


def _no_hold(crl: _List) -> Iterator[str]:
    for entry in islice(crl, _LINTED):
        reasons = [each.value.reason for each in entry.extensions if isinstance(each.value, x509.CRLReason)]
        if x509.ReasonFlags.certificate_hold in reasons:
            yield f"{entry.serial_number:X}: a certificate is not put on hold"


_RULES: tuple[tuple[str, str, Callable[[_List], Iterator[str]], frozenset[Rulebook]], ...] = (
    ("crl_extension", "RFC 5280 5.2; BR 7.2.2", _extensions, frozenset(Rulebook)),
    ("crl_extension_missing", "RFC 5280 5.2.1, 5.2.3", _required, frozenset(Rulebook)),
    ("crl_number", "RFC 5280 5.2.4", _numbers, frozenset(Rulebook)),
    ("crl_updates", "RFC 5280 5.1.2.5", _updates, frozenset(Rulebook)),
    ("crl_too_seldom", "BR 4.9.7", _often_enough, frozenset({Rulebook.PUBLIC_TLS})),
    ("crl_entry", "RFC 5280 5.3; BR 7.2.2.1", _entries, frozenset(Rulebook)),
    ("crl_hold", "BR 4.9.13", _no_hold, frozenset({Rulebook.PUBLIC_TLS})),
)


def crl_findings(prepared: PreparedCrl, rulebook: Rulebook) -> list[Finding]:
    """Everything wrong with the prepared list."""
    try:
        crl = x509.load_der_x509_crl(prepared.lint_copy)
        begin, _ = der.header(prepared.lint_copy)
        if not prepared.lint_copy.startswith(prepared.tbs, begin):
            raise ValueError("the copy to lint is not the one to be signed")
        if _base(crl) != prepared.base:
            message = "a list is a delta exactly if it was meant to be one, and adds to what was meant"
            return [Finding(Severity.ERROR, "crl_extension", message, "RFC 5280 5.2.4")]
        return [
            Finding(Severity.ERROR, code, message, source)
            for code, source, check, books in _RULES
            if rulebook in books
            for message in check(crl)
        ]
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        message = f"cannot be read back: {error}"
        return [Finding(Severity.ERROR, "unreadable", message, "RFC 5280 5.1")]
