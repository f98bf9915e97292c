"""Native checks of an answer before it is signed (RFC 6960 4.2; Baseline Requirements 4.9.10)."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from cryptography import x509
from cryptography.x509 import ocsp

from hanaper.core.x509.findings import Finding, Rulebook, Severity
from hanaper.core.x509.ocsp import PreparedAnswer, unsigned

_LONGEST = timedelta(days=10)  # BR 4.9.10
_EXPECTED = (x509.OCSPNonce,)


def _updates(answer: ocsp.OCSPResponse) -> Iterator[str]:
    for single in answer.responses:
        until = single.next_update_utc
        if until is None or until <= single.this_update_utc:
            yield "the next answer comes after this one"


def _often_enough(answer: ocsp.OCSPResponse) -> Iterator[str]:
    for single in answer.responses:
        until = single.next_update_utc
        if until is not None and until - single.this_update_utc > _LONGEST:
            yield f"an answer keeps for more than {_LONGEST.days} days"


def _produced(answer: ocsp.OCSPResponse) -> Iterator[str]:
    for single in answer.responses:
        if single.this_update_utc > answer.produced_at_utc:
            yield "an answer was made before what it says was true"


def _revoked(answer: ocsp.OCSPResponse) -> Iterator[str]:
    for single in answer.responses:
        at = single.revocation_time_utc
        if at is not None and at > single.this_update_utc:
            yield f"{single.serial_number:X} is revoked after the answer was made"
        if single.revocation_reason in (x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl):
            yield f"{single.serial_number:X} has a reason that is not said"


def _extensions(answer: ocsp.OCSPResponse) -> Iterator[str]:
    for extension in answer.extensions:
        if extension.critical or not isinstance(extension.value, _EXPECTED):
            yield f"{extension.oid.dotted_string} does not belong into an answer"


_Check = Callable[[ocsp.OCSPResponse], Iterator[str]]
_BOTH = frozenset(Rulebook)
_RULES: tuple[tuple[str, str, _Check, frozenset[Rulebook]], ...] = (
    ("ocsp_updates", "RFC 6960 4.2.2.1", _updates, _BOTH),
    ("ocsp_too_seldom", "BR 4.9.10", _often_enough, frozenset({Rulebook.PUBLIC_TLS})),
    ("ocsp_produced", "RFC 6960 4.2.2.1", _produced, _BOTH),
    ("ocsp_revoked", "RFC 6960 2.4; RFC 5280 5.3.1", _revoked, _BOTH),
    ("ocsp_extension", "RFC 6960 4.4", _extensions, _BOTH),
)


def answer_findings(prepared: PreparedAnswer, rulebook: Rulebook) -> list[Finding]:
    """Everything wrong with the prepared answer."""
    try:
        answer = ocsp.load_der_ocsp_response(unsigned(prepared))
        if answer.tbs_response_bytes != prepared.tbs:
            raise ValueError("what was read is not what is to be signed")
        return [
            Finding(Severity.ERROR, code, message, source)
            for code, source, check, books in _RULES
            if rulebook in books
            for message in check(answer)
        ]
    except (ValueError, TypeError, x509.DuplicateExtension) as error:
        return [Finding(Severity.ERROR, "unreadable", f"cannot be read back: {error}", "RFC 6960 4.2.1")]
