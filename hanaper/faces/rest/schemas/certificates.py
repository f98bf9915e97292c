"""The shapes of certificates in the API, and how rows become them."""

from datetime import datetime
from typing import Any

import ninja
from pydantic import Field

from hanaper.apps.certificates import checks, queries
from hanaper.apps.certificates.models.applications import Application, DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.revocations import RevocationRequest as RevocationRow
from hanaper.apps.certificates.queries import actions_of
from hanaper.apps.certificates.services.warning import Warning
from hanaper.apps.certificates.vocabulary import NEVER, CheckMethod, CheckState, IssuerOrderState
from hanaper.core.certificate.states import CertificateState, Party
from hanaper.faces.rest.body import Body


class FormIn(Body):
    """The application form. Fields left out stay as they were saved."""

    domains: list[str] | None = Field(None, max_length=100, examples=[["www.example.com"]])
    csr: str | None = Field(
        None, max_length=20_000, description="PEM; without one a key is generated here. Null takes it out."
    )
    key_algorithm: str | None = Field(
        None, max_length=20, description="ec-p256, ec-p384, rsa-2048, rsa-3072 or rsa-4096."
    )
    contact: str | None = Field(None, max_length=60)
    company: str | None = Field(None, max_length=60, description="For OV and EV.")
    method: str | None = Field(
        None, max_length=10, description="How control of the names is shown: dns (default) or http."
    )
    methods: dict[str, str] | None = Field(None, description="The same by name.")

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class CheckOut(ninja.Schema):
    id: str
    domain: str
    method: CheckMethod
    state: CheckState
    place: str = Field(description="The name of the TXT record, or the address of the file.")
    value: str = Field(description="What the record or file must hold.")
    reused: str | None = Field(None, description="The earlier check whose validation still holds.")
    obtained_at: datetime | None = None
    tries: int
    last_tried_at: datetime | None = Field(None, description="System time.")
    next_try_at: datetime | None = Field(None, description="System time.")
    seen: dict[str, Any] = Field(description="What the last try met.")


class ApplicationOut(ninja.Schema):
    id: str
    purpose: str
    state: str
    domains: list[str]
    key_algorithm: str
    key_generated: bool
    submitted_at: datetime
    validated_at: datetime | None = None
    reviewed_at: datetime | None = None
    ended_at: datetime | None = None
    failure_code: str | None = None
    failure: str | None = None
    checks: list[CheckOut]


class IssuanceOut(ninja.Schema):
    """One X.509 certificate of the service year."""

    serial: str
    fingerprint_sha256: str
    not_before: datetime
    not_after: datetime
    issuer: str
    issued_at: datetime | None = None
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    is_current: bool


class RevocationOut(ninja.Schema):
    id: str
    certificate: str
    state: str
    requested_at: datetime
    requested_by: str
    for_cause: bool
    reason: str
    text: str
    due_at: datetime = Field(description="D10.")
    decided_at: datetime | None = None
    decision: str | None = Field(None, description="Why it was refused.")


class CertificateOut(ninja.Schema):
    id: str
    state: CertificateState
    state_label: str = Field(description="The document's own words.", examples=["Pending Application"])
    acts_next: str | None = None
    actions: list[str] = Field(description="What you can do now.")
    order: str
    line: str
    product: str
    brand: str
    level: str
    kind: str
    publicly_trusted: bool
    year: int
    series: str
    combined: bool
    domains: list[str]
    created_at: datetime
    issued_at: datetime | None = None
    term_begin: datetime | None = None
    term_end: datetime | None = None
    serial: str | None = None
    not_after: datetime | None = Field(None, description="Of the current X.509 certificate.")
    auto_reissue: bool
    reissue_due_at: datetime | None = None
    removed_at: datetime | None = None


class TimelineOut(ninja.Schema):
    at: datetime
    action: str
    by: str
    state: str | None = None


class CertificateDetail(CertificateOut):
    form: dict[str, Any] = Field(description="The application form as saved.")
    needs_id_number: bool
    applications: list[ApplicationOut] = Field(description="The newest first.")
    issuances: list[IssuanceOut] = Field(description="The newest first.")
    revocations: list[RevocationOut] = Field(description="The newest first.")
    siblings: list[str] = Field(description="The other years of its series.")
    sources: list[str] = Field(description="What it was combined from.")
    timeline: list[TimelineOut]


class OutlookOut(ninja.Schema):
    """What the step means for a refund of the order (D12)."""

    order: str
    refundable: bool
    closes_at: str | None = None
    revoke_by: str | None = Field(None, description="The last day on which a review in time is sure.")
    revoke_by_passed: bool | None = None
    reasons: list[dict[str, str]]


class WarningOut(ninja.Schema):
    action: str
    warning: str
    orders: list[OutlookOut]
    confirmation: str = Field(description="Send it to confirm; good for an hour.")


def certificate_out(row: Certificate, by: Party = Party.CUSTOMER) -> dict[str, Any]:
    state = CertificateState(row.state)
    current = row.current
    return {
        "id": row.public_id,
        "state": state,
        "state_label": state.label,
        "acts_next": state.acts_next.value if state.acts_next else None,
        "actions": [action.value for action in actions_of(row, by)],
        "order": row.order.public_id,
        "line": row.line.public_id,
        "product": row.product.code,
        "brand": row.brand,
        "level": row.level,
        "kind": row.domain_kind,
        "publicly_trusted": row.publicly_trusted,
        "year": row.year,
        "series": row.series,
        "combined": row.combined,
        "domains": row.domains or row.form.get("domains") or [],
        "created_at": row.created_at,
        "issued_at": row.issued_at,
        "term_begin": row.term_begin,
        "term_end": None if row.term_end == NEVER else row.term_end,
        "serial": current.serial if current else None,
        "not_after": current.not_after if current else None,
        "auto_reissue": row.auto_reissue,
        "reissue_due_at": row.reissue_due_at,
        "removed_at": row.removed_at,
    }


def detail_out(row: Certificate, by: Party = Party.CUSTOMER) -> dict[str, Any]:
    issued = [one for one in row.issuer_orders.all() if one.state == IssuerOrderState.ISSUED]
    return {
        **certificate_out(row, by),
        "form": row.form,
        "needs_id_number": row.needs_id_number,
        "applications": [application_out(one) for one in reversed(row.applications.all())],
        "issuances": [issuance_out(one, row.current_id) for one in reversed(issued)],
        "revocations": [revocation_out(one, row) for one in reversed(row.revocations.all())],
        "siblings": [one.public_id for one in queries.siblings(row)],
        "sources": [part.source.public_id for part in row.parts.all()],
        "timeline": [
            {
                "at": entry.at,
                "action": entry.action,
                # Who of the operators did it is nobody's business but theirs.
                "by": entry.actor_name if entry.actor_kind == "customer" else entry.actor_kind,
                "state": (entry.after or {}).get("state"),
            }
            for entry in queries.timeline(row)
        ],
    }


def application_out(row: Application) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "purpose": row.purpose,
        "state": row.state,
        "domains": row.domains,
        "key_algorithm": row.key_algorithm,
        "key_generated": row.key_generated,
        "submitted_at": row.submitted_at,
        "validated_at": row.validated_at,
        "reviewed_at": row.reviewed_at,
        "ended_at": row.ended_at,
        "failure_code": row.failure_code or None,
        "failure": row.failure or None,
        "checks": [check_out(check) for check in row.checks.all()],
    }


def check_out(row: DomainCheck) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "domain": row.domain,
        "method": row.method,
        "state": row.state,
        "place": checks.place_of(row),
        "value": row.token,
        "reused": row.reused.public_id if row.reused else None,
        "obtained_at": row.obtained_at,
        "tries": row.tries,
        "last_tried_at": row.tried_at,
        "next_try_at": row.due_at,
        "seen": row.seen,
    }


def issuance_out(row: IssuerOrder, current: int | None) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "fingerprint_sha256": row.fingerprint,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "issuer": row.issuer,
        "issued_at": row.issued_at,
        "revoked_at": row.revoked_at,
        "revocation_reason": row.revocation_reason or None,
        "is_current": row.pk == current,
    }


def revocation_out(row: RevocationRow, certificate: Certificate | None = None) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "certificate": (certificate or row.certificate).public_id,
        "state": row.state,
        "requested_at": row.requested_at,
        "requested_by": row.requested_by,
        "for_cause": row.for_cause,
        "reason": row.reason,
        "text": row.text,
        "due_at": row.due_at,
        "decided_at": row.decided_at,
        "decision": row.decision or None,
    }


def warning_out(warned: Warning) -> dict[str, Any]:
    return {
        "action": warned.action,
        "warning": warned.text,
        "orders": [outlook.to_json() for outlook in warned.outlooks],
        "confirmation": warned.token,
    }
