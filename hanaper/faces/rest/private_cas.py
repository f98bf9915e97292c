"""Private CAs: enable, stop, reset; their chains."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.authority.queries import status_of
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.generations import revoked_at
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.settings import (
    LONGEST_LIST,
    LONGEST_NAME,
    LONGEST_PATH,
    LONGEST_YEARS,
    MOST_SHARDS,
    CaSettings,
)
from hanaper.apps.private_ca.states import LABELS, PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.statistics import Period, statistics
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["private CAs"])
SORTS = ("-created_at",)
Names = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=200)]


class SubjectIn(Body):
    """The fields of a subject; countries are two-letter codes."""

    country: str | None = Field(None, max_length=2)
    state: str | None = Field(None, max_length=128)
    locality: str | None = Field(None, max_length=128)
    organization: str | None = Field(None, max_length=64)
    common_name: str | None = Field(None, max_length=64)
    registration_number: str | None = Field(None, max_length=64)


class SubtreesIn(Body):
    dns: Names = Field([], description="A domain and everything below it.")
    ip: Names = Field([], description="Networks, such as 10.0.0.0/8.")
    email: Names = Field([], description="A mailbox, a host, or .domain for every host below it.")
    uri: Names = Field([], description="A host, or .domain.")


class ConstraintsIn(Body):
    permitted: SubtreesIn | None = None
    excluded: SubtreesIn | None = None


class CaSettingsIn(Body):
    subject: SubjectIn = Field(description="common_name is needed; organization is the account's by default.")
    algorithm: KeyAlgorithm | None = Field(None, description="ec-p384 for a root, ec-p256 below it.")
    years: int | None = Field(None, ge=1, le=LONGEST_YEARS, description="10 for a root, 5 below it.")
    path_length: int | None = Field(
        None, ge=0, le=LONGEST_PATH, description="CAs one below another: any number for a root, 0 below it."
    )
    name: str = Field("", max_length=LONGEST_NAME)
    region: str | None = Field(None, max_length=40)
    keystore: str | None = Field(None, max_length=20, description="Where its key lives: database, pkcs11.")
    shards: int = Field(1, ge=1, le=MOST_SHARDS, description="Lists besides the complete one, by serial.")
    delta: bool = Field(False, description="Short lists of what changed since a complete one (freshest CRL).")
    list_days: int = Field(7, ge=1, le=LONGEST_LIST, description="How long clients may keep a list.")
    ocsp: bool = Field(
        False,
        description="Name a responder (RFC 6960) in certificates, beside the list that is always named.",
    )
    name_constraints: ConstraintsIn | None = None


class EnableIn(CaSettingsIn):
    parent: str | None = Field(None, max_length=40, description="Of an intermediate bought apart: the root.")


class IssuingIn(Body):
    issuing: bool


class ResetIn(Body):
    confirmation: str = Field(max_length=1000, description="From prepare.")
    confirm_deletes_all_data: bool = Field(description="Confirm that the reset operation deletes all data.")


class ResetWarningOut(ninja.Schema):
    text: str
    certificates: int
    tick: str = Field(description="What confirm_deletes_all_data says (R17).")
    confirmation: str


class CaCertificateOut(ninja.Schema):
    authority: str
    algorithm: KeyAlgorithm
    keystore: str
    issuing: bool
    outside: bool = Field(description="Signed by a CA that is not here.")
    not_before: datetime
    not_after: datetime
    crl: str
    ocsp: str | None = Field(description="Where its certificates are asked about, if they say so.")
    certificate: str = Field(description="Where clients find it (AIA).")


class PrivateCaOut(ninja.Schema):
    id: str
    order: str
    kind: PrivateCaKind
    parent: str | None
    state: PrivateCaState
    state_label: str
    name: str
    region: str
    term_months: int
    term_ends_at: datetime
    quota: int = Field(description="Certificates; what was consumed is never given back.")
    quota_used: int
    created_at: datetime
    enabled_at: datetime | None
    reset_at: datetime | None = Field(description="The last reset; null again once enabled after it.")
    resetting: bool = Field(description="Its data is being deleted.")
    request_out: bool = Field(description="A request is out, to be signed by a CA that is not here.")
    revoked_at: datetime | None = Field(
        description="When the key that it has now was revoked for cause; it issues again with a new one."
    )
    ca: CaCertificateOut | None = Field(description="While it has a key.")


class ChainOut(ninja.Schema):
    pem: str = Field(description="From this CA up to its root.")


class CountedOut(ninja.Schema):
    begins: datetime = Field(description="Of the period, in UTC.")
    ca: str
    template: str
    count: int


class StatisticsOut(ninja.Schema):
    by: Period
    issued: list[CountedOut] = Field(description="Of the last 30 days, or twelve months.")
    expiring: list[CountedOut] = Field(description="By week, from Monday on; of this one and thirteen more.")
    expiring_later: int = Field(description="How many end after that.")


class ListOut(ninja.Schema):
    shard: int | None = Field(description="Null: the list of everything.")
    delta: bool
    address: str
    number: int
    entries: int
    this_update: datetime
    next_update: datetime
    age_seconds: int
    fresh: bool = Field(description="Clients still take it.")


class StatusOut(ninja.Schema):
    lists: list[ListOut] = Field(description="The newest of each kind; none before the CA is enabled.")
    due_at: datetime | None = Field(description="When the next is made; null after the last.")
    ocsp: str | None = Field(description="Where its certificates are asked about, if they say so.")
    responder_until: datetime | None = Field(description="Until when the responder's certificate is good.")
    kept_answers: int = Field(description="Answers by OCSP that are given without signing again.")


class CaFilter(ninja.Schema):
    state: PrivateCaState | None = None
    kind: PrivateCaKind | None = None
    region: str = Field("", max_length=40)


def ca_out(ca: PrivateCA) -> dict[str, Any]:
    authority = ca.authority
    return {
        "id": ca.public_id,
        "order": ca.order.public_id,
        "kind": ca.kind,
        "parent": ca.parent.public_id if ca.parent else None,
        "state": ca.state,
        "state_label": LABELS[PrivateCaState(ca.state)],
        "name": ca.name,
        "region": ca.region,
        "term_months": ca.term_months,
        "term_ends_at": ca.term_ends_at,
        "quota": ca.quota,
        "quota_used": ca.quota_used,
        "created_at": ca.created_at,
        "enabled_at": ca.enabled_at,
        "reset_at": ca.reset_at,
        "resetting": ca.resetting,
        "request_out": ca.request_out,
        "revoked_at": revoked_at(ca),
        "ca": None
        if authority is None
        else {
            "authority": authority.public_id,
            "algorithm": authority.algorithm,
            "keystore": authority.keystore,
            "issuing": authority.issuing,
            "outside": authority.outside,
            "not_before": authority.not_before,
            "not_after": authority.not_after,
            "crl": authority.crl_address,
            "ocsp": authority.ocsp_address if authority.ocsp else None,
            "certificate": authority.certificate_address,
        },
    }


def subject_of(given: SubjectIn) -> Subject:
    return Subject(**{name: value or None for name, value in given.model_dump().items()})


def settings_of(body: CaSettingsIn) -> CaSettings:
    constraints = body.name_constraints.model_dump(exclude_none=True) if body.name_constraints else None
    return CaSettings(
        subject=subject_of(body.subject),
        algorithm=body.algorithm,
        years=body.years,
        path_length=body.path_length,
        name=body.name,
        region=body.region,
        keystore=body.keystore,
        shards=body.shards,
        delta=body.delta,
        list_days=body.list_days,
        ocsp=body.ocsp,
        name_constraints=constraints,
    )


@router.get(
    "/private-cas", auth=customer(), response=PageOut[PrivateCaOut], summary="The account's private CAs"
)
def list_private_cas(
    request: ApiRequest, filters: Annotated[CaFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.private_cas(
        request.actor, state=filters.state or "", kind=filters.kind or "", region=filters.region
    )
    return answer(found, paging, sorts=SORTS, out=ca_out)


@router.get("/private-cas/{ca}", auth=customer(), response=PrivateCaOut, summary="One private CA")
def show_private_ca(request: ApiRequest, ca: str) -> dict[str, Any]:
    return ca_out(queries.private_ca(request.actor, ca))


@router.get(
    "/private-cas/{ca}/chain",
    auth=customer(),
    response=ChainOut,
    summary="Its certificate and those above it",
)
def show_chain(request: ApiRequest, ca: str) -> dict[str, Any]:
    return {"pem": services.chain_pem(queries.private_ca(request.actor, ca))}


@router.get(
    "/private-cas/{ca}/statistics",
    auth=customer(),
    response=StatisticsOut,
    summary="What was issued and what expires, by CA and template; of a root: what is below it too",
)
def show_statistics(request: ApiRequest, ca: str, by: Period = Period.DAY) -> dict[str, Any]:
    found = statistics(queries.private_ca(request.actor, ca), by=by, at=request.at)
    return {"by": by, "issued": found.issued, "expiring": found.expiring, "expiring_later": found.later}


@router.get(
    "/private-cas/{ca}/status",
    auth=customer(),
    response=StatusOut,
    summary="The lists and the responder that clients ask about its certificates",
)
def show_status(request: ApiRequest, ca: str) -> dict[str, Any]:
    authority = queries.private_ca(request.actor, ca).authority
    if authority is None:
        return {"lists": [], "due_at": None, "ocsp": None, "responder_until": None, "kept_answers": 0}
    seen = status_of(authority, request.at)
    lists = [
        {**asdict(one), "age_seconds": max(0, int((request.at - one.this_update).total_seconds()))}
        for one in seen.lists
    ]
    return {
        "lists": lists,
        "due_at": seen.due_at,
        "ocsp": authority.ocsp_address if authority.ocsp else None,
        "responder_until": seen.responder_until,
        "kept_answers": seen.kept_answers,
    }


@router.post(
    "/private-cas/{ca}/enable",
    auth=customer(),
    response=PrivateCaOut,
    summary="Make its key and certificate; from then on it counts as used (R17)",
)
@idempotent
def enable(request: ApiRequest, ca: str, body: EnableIn) -> dict[str, Any]:
    found = queries.private_ca(request.actor, ca)
    parent = queries.private_ca(request.actor, body.parent) if body.parent else None
    services.enable_ca(request.actor, found, settings_of(body), parent=parent, at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/private-cas/{ca}/issuing", auth=customer(), response=PrivateCaOut, summary="Stop or resume issuing"
)
@idempotent
def set_issuing(request: ApiRequest, ca: str, body: IssuingIn) -> dict[str, Any]:
    services.set_issuing(request.actor, queries.private_ca(request.actor, ca), body.issuing, at=request.at)
    return ca_out(queries.private_ca(request.actor, ca))


@router.post(
    "/private-cas/{ca}/reset/prepare",
    auth=customer(),
    response=ResetWarningOut,
    summary="What a reset deletes (R17)",
)
@idempotent
def prepare_reset(request: ApiRequest, ca: str) -> dict[str, Any]:
    warned = services.prepare_reset(request.actor, queries.private_ca(request.actor, ca))
    return {
        "text": warned.text,
        "certificates": warned.certificates,
        "tick": warned.tick,
        "confirmation": warned.token,
    }


@router.post(
    "/private-cas/{ca}/reset/confirm",
    auth=customer(),
    response=PrivateCaOut,
    summary="Delete its key, its settings and every certificate it issued (R17)",
)
@idempotent
def confirm_reset(request: ApiRequest, ca: str, body: ResetIn) -> dict[str, Any]:
    services.reset_ca(
        request.actor,
        queries.private_ca(request.actor, ca),
        confirmation=body.confirmation,
        deletes_all_data=body.confirm_deletes_all_data,
        at=request.at,
    )
    return ca_out(queries.private_ca(request.actor, ca))
