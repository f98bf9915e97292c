"""What a linter says about a certificate or CRL."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`error` breaks a MUST and stops issuance; `warning` breaks a SHOULD; `notice` is neither."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Rulebook(StrEnum):
    """Which rules hold: RFC 5280 alone, or the Baseline Requirements for public TLS on top of it."""

    PUBLIC_TLS = "public_tls"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `code` is stable, `source` the rule's clause, `message` what is wrong here."""

    severity: Severity
    code: str
    message: str
    source: str


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that forbid signing."""
    return [each for each in findings if each.severity is Severity.ERROR]
