"""Nothing is signed before it was linted (BR 4.3.1.2)."""

from django.conf import settings
from django.db.models import QuerySet

from hanaper import clock
from hanaper.apps.authority.full_lint import lint_apart
from hanaper.apps.authority.models import LintedShape
from hanaper.core.errors import Refusal
from hanaper.core.x509.certificates import Prepared
from hanaper.core.x509.findings import Finding, Rulebook, errors
from hanaper.core.x509.linting import lint_natively, profile_shape
from hanaper.storage.composed import composed


def lint(prepared: Prepared, rulebook: Rulebook) -> str:
    """Every certificate natively, each new shape of one in full; its shape. Refused with `lint_failed`."""
    refuse_findings(lint_natively(prepared, rulebook))
    shape = profile_shape(prepared)
    if _linted.first(shape) is None:
        refuse_findings(lint_apart(prepared.lint_copy, rulebook))
        LintedShape.objects.get_or_create(shape=shape, defaults={"linted_at": clock.system_now()})
    return shape


@composed
def _linted(shape: str) -> QuerySet[LintedShape]:
    return LintedShape.objects.filter(shape=shape)


def refuse_findings(findings: list[Finding]) -> None:
    """Refused with `lint_failed` for any error."""
    wrong = [one for one in errors(findings) if not _of_sandbox(one)]
    if wrong:
        told = "; ".join(f"{one.message} ({one.source})" for one in wrong[:5])
        raise Refusal(
            f"The certificate would break a rule: {told}",
            code="lint_failed",
            details={"findings": [one.code for one in wrong]},
        )


def _of_sandbox(finding: Finding) -> bool:
    """A sandbox names hosts that no public name server knows, on loopback too: that alone is let pass."""
    return settings.SANDBOX and "InternalDomainName" in finding.source
