"""Gateway instances: their domain, how it behaves, what it consumed, and the way back."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.problems import told
from hanaper.apps.gateway.services import Automatic
from hanaper.apps.gateway.states import GatewayState
from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.statistics import LENGTHS, quantile
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.schemas.gateways import AutomaticIn, Behaving, CandidatesOut, GatewayOut, gateway_out

router = Router(tags=["gateways"])
SORTS = ("-created_at",)


class DomainIn(Body):
    domain: str = Field(max_length=300, description="One host, such as www.example.com.")
    behaviour: Behaving
    certificate: str = Field(
        "",
        max_length=40,
        description="One for this domain whose key is here; by default what lasts longest.",
    )
    automatic: AutomaticIn | None = Field(None, description="In place of a certificate: one comes by itself.")


class BehaviourIn(Body):
    behaviour: Behaving


class CertificateIn(Body):
    certificate: str = Field("", max_length=40)
    automatic: AutomaticIn | None = Field(None, description="In its place: from now on it comes by itself.")


class GatewayResetIn(Body):
    confirmation: str = Field(max_length=1000, description="From prepare.")


class GatewayResetWarningOut(ninja.Schema):
    text: str
    confirmation: str


class GatewayFilter(ninja.Schema):
    state: GatewayState | None = None


class LatencyOut(ninja.Schema):
    up_to: int | None = Field(description="Milliseconds; null: longer than all of them.")
    requests: int


class UsageOut(ninja.Schema):
    begins_at: datetime
    seconds: int = Field(description="How long the period is.")
    visits: int
    bytes_out: int
    grcq: int
    requests: int
    cache_hits: int
    milliseconds: int = Field(description="Of all requests together.")
    median_milliseconds: int | None = Field(description="Half of them took at most so long.")
    p95_milliseconds: int | None
    latency: list[LatencyOut]
    bits_per_second: int = Field(description="Outbound, on average.")
    statuses: dict[str, int] = Field(description="By class, such as 2xx.")
    codes: dict[str, int] = Field(description="By status code.")


class UsagesOut(ninja.Schema):
    items: list[UsageOut]


class UsagePeriod(ninja.Schema):
    by: Literal["hour", "day"] = Field("hour", description="Days are those of UTC.")
    hours: int = Field(168, ge=1, le=24 * 92, description="The newest in which anything was served.")
    days: int = Field(31, ge=1, le=366, description="The same, by day.")


class PathsPeriod(ninja.Schema):
    hours: int = Field(24, ge=1, le=24 * 31, description="The newest in which anything was served.")
    most: int = Field(20, ge=1, le=100)


class PathOut(ninja.Schema):
    path: str = Field(description="Without what follows a question mark.")
    visits: int
    bytes_out: int


class PathsOut(ninja.Schema):
    items: list[PathOut] = Field(description="Of each hour the fifty most asked for are known.")


def usage_out(period: queries.Usage) -> dict[str, Any]:
    bounds: list[int | None] = [*LENGTHS, None]
    return {
        "begins_at": period.begins_at,
        "seconds": period.seconds,
        "visits": period.visits,
        "bytes_out": period.bytes_out,
        "grcq": period.grcq,
        "requests": period.requests,
        "cache_hits": period.cache_hits,
        "milliseconds": period.milliseconds,
        "median_milliseconds": quantile(period.lengths, 0.5),
        "p95_milliseconds": quantile(period.lengths, 0.95),
        "latency": [
            {"up_to": bound, "requests": count}
            for bound, count in zip(bounds, period.lengths, strict=False)
            if count
        ],
        "bits_per_second": period.bits_per_second,
        "statuses": period.statuses,
        "codes": period.codes,
    }


@router.get(
    "/gateways", auth=customer(), response=PageOut[GatewayOut], summary="The account's gateway instances"
)
def list_gateways(
    request: ApiRequest, filters: Annotated[GatewayFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.gateways(request.actor, state=filters.state or "")
    out = partial(gateway_out, known=told())
    return answer(found, paging, sorts=SORTS, out=out)


@router.get("/gateways/{gateway}", auth=customer(), response=GatewayOut, summary="One gateway instance")
def show_gateway(request: ApiRequest, gateway: str) -> dict[str, Any]:
    return gateway_out(queries.gateway(request.actor, gateway))


@router.get(
    "/gateways/{gateway}/certificates",
    auth=customer(),
    response=CandidatesOut,
    summary="Certificates of the account that could be served for a domain",
)
def list_candidates(
    request: ApiRequest, gateway: str, domain: Annotated[str, Query(max_length=300)]
) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    items = queries.candidates(found, domain, request.at)
    return {
        "items": [{"id": one.id, "names": list(one.names), "not_after": one.not_after} for one in items],
        "automatic": queries.offers(found, request.at),
    }


@router.get(
    "/gateways/{gateway}/usage", auth=customer(), response=UsagesOut, summary="What it served, by hour or day"
)
def show_usage(
    request: ApiRequest, gateway: str, period: Annotated[UsagePeriod, Query(...)]
) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    if period.by == "day":
        return {"items": [usage_out(day) for day in queries.usage_by_day(found, days=period.days)]}
    return {"items": [usage_out(hour) for hour in queries.usage_by_hour(found, hours=period.hours)]}


@router.get(
    "/gateways/{gateway}/paths",
    auth=customer(),
    response=PathsOut,
    summary="What visitors asked for most",
)
def show_paths(
    request: ApiRequest, gateway: str, period: Annotated[PathsPeriod, Query(...)]
) -> dict[str, Any]:
    found = queries.top_paths(queries.gateway(request.actor, gateway), hours=period.hours, most=period.most)
    return {
        "items": [
            {"path": path, "visits": visits, "bytes_out": size} for path, (visits, size) in found.items()
        ]
    }


@router.post(
    "/gateways/{gateway}/domain",
    auth=customer(),
    response=GatewayOut,
    summary="Add its domain; from then on it counts as used (R18)",
)
@idempotent
def add_domain(request: ApiRequest, gateway: str, body: DomainIn) -> dict[str, Any]:
    found = services.add_domain(
        request.actor,
        queries.gateway(request.actor, gateway),
        domain=body.domain,
        behaviour=body.behaviour,
        certificate=body.certificate,
        automatic=_automatic(body.automatic, body.certificate),
        at=request.at,
    )
    return gateway_out(found)


@router.put(
    "/gateways/{gateway}/behaviour",
    auth=customer(),
    response=GatewayOut,
    summary="How its domain behaves, all of it anew",
)
@idempotent
def change_behaviour(request: ApiRequest, gateway: str, body: BehaviourIn) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    return gateway_out(services.change_behaviour(request.actor, found, body.behaviour, at=request.at))


@router.put(
    "/gateways/{gateway}/certificate",
    auth=customer(),
    response=GatewayOut,
    summary="Another certificate for its domain, or one that comes by itself",
)
@idempotent
def change_certificate(request: ApiRequest, gateway: str, body: CertificateIn) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    automatic = _automatic(body.automatic, body.certificate)
    if automatic is not None:
        return gateway_out(services.make_automatic(request.actor, found, automatic, at=request.at))
    return gateway_out(services.change_certificate(request.actor, found, body.certificate, at=request.at))


@router.post(
    "/gateways/{gateway}/certificate/retry",
    auth=customer(),
    response=GatewayOut,
    summary="Try again now to have its certificate",
)
@idempotent
def retry_certificate(request: ApiRequest, gateway: str) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    return gateway_out(services.retry(request.actor, found, at=request.at))


@router.post(
    "/gateways/{gateway}/look", auth=customer(), response=GatewayOut, summary="Look at DNS again, now"
)
@idempotent
def look_again(request: ApiRequest, gateway: str) -> dict[str, Any]:
    return gateway_out(services.look_again(request.actor, queries.gateway(request.actor, gateway)))


@router.post(
    "/gateways/{gateway}/purge",
    auth=customer(),
    response=GatewayOut,
    summary="Forget everything that is cached of it",
)
@idempotent
def purge(request: ApiRequest, gateway: str) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    return gateway_out(services.purge(request.actor, found, at=request.at))


@router.post(
    "/gateways/{gateway}/reset/prepare",
    auth=customer(),
    response=GatewayResetWarningOut,
    summary="What a reset takes away (R18)",
)
@idempotent
def prepare_reset(request: ApiRequest, gateway: str) -> dict[str, Any]:
    warned = services.prepare_reset(request.actor, queries.gateway(request.actor, gateway), at=request.at)
    return {"text": warned.text, "confirmation": warned.token}


@router.post(
    "/gateways/{gateway}/reset/confirm",
    auth=customer(),
    response=GatewayOut,
    summary="Take its domain off; what was consumed stays consumed (R18, D8)",
)
@idempotent
def confirm_reset(request: ApiRequest, gateway: str, body: GatewayResetIn) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    done = services.reset_gateway(request.actor, found, confirmation=body.confirmation, at=request.at)
    return gateway_out(done)


def _automatic(given: AutomaticIn | None, certificate: str) -> Automatic | None:
    if given is not None and certificate:
        raise InvalidInput(
            "Name a certificate, or let one come by itself: not both.", field="automatic", code="one_of_both"
        )
    return None if given is None else Automatic(**given.model_dump())
