"""Telling the account, or the operators, what happened to a certificate (the outbox does the rest)."""

from datetime import datetime
from typing import Any

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.events.services import Draft, emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.refund.canonical import write_moment


def tell(kind: EventKind, certificate: Certificate, *, at: datetime, dedupe: str, **data: Any) -> None:
    """To the account's members. `dedupe`: what makes this happening the same one, beside its kind."""
    _emit(draft(kind, certificate, certificate.account_id, at, dedupe, data))


def alert(kind: EventKind, certificate: Certificate, *, at: datetime, dedupe: str, **data: Any) -> None:
    """To the operators."""
    _emit(draft(kind, certificate, None, at, dedupe + ":operators", data))


def draft(
    kind: EventKind,
    certificate: Certificate,
    account_id: int | None,
    at: datetime,
    dedupe: str,
    data: dict[str, Any],
) -> Draft:
    """What is told; whoever tells of many at once hands the drafts to `emit_many`."""
    written = {
        name: write_moment(value) if isinstance(value, datetime) else value for name, value in data.items()
    }
    return Draft(
        kind,
        account_id=account_id,
        subject=certificate.public_id,
        at=at,
        dedupe=f"{kind.value}:{dedupe}",
        data={
            "certificate": certificate.public_id,
            "domains": ", ".join(certificate.domains),
            **written,
        },
    )


def _emit(drafted: Draft) -> None:
    emit(
        drafted.kind,
        account_id=drafted.account_id,
        subject=drafted.subject,
        at=drafted.at,
        dedupe=drafted.dedupe,
        data=drafted.data,
    )
