"""Telling the account, or the operators, what happened to a certificate (the outbox does the rest)."""

from datetime import datetime
from typing import Any

from hanaper.apps.certificates.models import Certificate
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.refund.canonical import write_moment


def tell(kind: EventKind, certificate: Certificate, *, at: datetime, dedupe: str, **data: Any) -> None:
    """To the account's members. `dedupe`: what makes this happening the same one, beside its kind."""
    _emit(kind, certificate, certificate.account_id, at, dedupe, data)


def alert(kind: EventKind, certificate: Certificate, *, at: datetime, dedupe: str, **data: Any) -> None:
    """To the operators."""
    _emit(kind, certificate, None, at, dedupe + ":operators", data)


def _emit(
    kind: EventKind,
    certificate: Certificate,
    account_id: int | None,
    at: datetime,
    dedupe: str,
    data: dict[str, Any],
) -> None:
    written = {
        name: write_moment(value) if isinstance(value, datetime) else value for name, value in data.items()
    }
    emit(
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
