"""What nodes do once for a gateway instance, and how they find its origins."""

from datetime import datetime
from typing import Any

import ninja
from django.http import StreamingHttpResponse
from ninja import Router, Status
from pydantic import Field

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import Errand, GatewayInstance
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["gateways"])
SORTS = ("-asked_at",)


class AddressIn(Body):
    address: str = Field(
        max_length=2048, description="Such as /news?page=2, or all of it with the domain.", examples=["/news"]
    )


class ErrandOut(ninja.Schema):
    id: str
    asked_at: datetime
    done_at: datetime | None = Field(description="When the last of the nodes had done it.")
    done: int = Field(description="By so many nodes that serve ...")
    nodes: int = Field(description="... of so many.")


class PurgeOut(ErrandOut):
    address: str


class OriginOut(ninja.Schema):
    address: str
    port: int
    weight: int
    backup: bool
    nodes: int = Field(description="Nodes that serve.")
    unwell: int = Field(description="At so many of them its checks fail.")
    problem: str
    since: datetime | None


class OriginsOut(ninja.Schema):
    checked: bool = Field(description="Whether its behaviour says `health`; without, nobody looks.")
    items: list[OriginOut]


def errand_out(errand: Errand, nodes: int) -> dict[str, Any]:
    """`errand` as the queries give it."""
    return {
        "id": errand.public_id,
        "asked_at": errand.asked_at,
        "done_at": errand.done_at,
        "done": errand.done,  # type: ignore[attr-defined]
        "nodes": nodes,
        "address": errand.address,
    }


@router.get(
    "/gateways/{gateway}/origins", auth=customer(), response=OriginsOut, summary="How nodes find its origins"
)
def list_origins(request: ApiRequest, gateway: str) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    behaviour = found.behaviour or {}
    return {"checked": bool(behaviour.get("health")), "items": queries.origins(found)}


@router.get(
    "/gateways/{gateway}/purges",
    auth=customer(),
    response=PageOut[PurgeOut],
    summary="Addresses that were or are being forgotten",
)
def list_purges(request: ApiRequest, gateway: str, paging: PageQuery) -> dict[str, object]:
    found, nodes = queries.purges(queries.gateway(request.actor, gateway)), queries.nodes_serving()
    return answer(found, paging, sorts=SORTS, out=lambda errand: errand_out(errand, nodes))


@router.post(
    "/gateways/{gateway}/purges",
    auth=customer(),
    response={201: PurgeOut},
    summary="Forget what is cached of one address",
)
@idempotent
def purge_address(request: ApiRequest, gateway: str, body: AddressIn) -> Status[dict[str, Any]]:
    found = queries.gateway(request.actor, gateway)
    made = services.purge_address(
        request.actor, found, body.address, at=request.at, system_at=clock.system_now()
    )
    return Status(201, _shown(request, found, made.public_id, Errand.Kind.PURGE))


@router.get("/gateways/{gateway}/purges/{purge}", auth=customer(), response=PurgeOut, summary="How far it is")
def show_purge(request: ApiRequest, gateway: str, purge: str) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    return _shown(request, found, purge, Errand.Kind.PURGE)


@router.post(
    "/gateways/{gateway}/access-logs",
    auth=customer(),
    response={201: ErrandOut},
    summary="Have the newest lines of its access log brought here, for an hour",
)
@idempotent
def ask_for_log(request: ApiRequest, gateway: str) -> Status[dict[str, Any]]:
    found = queries.gateway(request.actor, gateway)
    made = services.ask_for_log(request.actor, found, at=request.at, system_at=clock.system_now())
    return Status(201, _shown(request, found, made.public_id, Errand.Kind.LOG))


@router.get(
    "/gateways/{gateway}/access-logs/{log}", auth=customer(), response=ErrandOut, summary="Whether it is here"
)
def show_log(request: ApiRequest, gateway: str, log: str) -> dict[str, Any]:
    found = queries.gateway(request.actor, gateway)
    return _shown(request, found, log, Errand.Kind.LOG)


@router.get(
    "/gateways/{gateway}/access-logs/{log}/lines",
    auth=customer(),
    summary="Its lines, one JSON object each, of the nodes that have answered so far",
)
def log_lines(request: ApiRequest, gateway: str, log: str) -> StreamingHttpResponse:
    found = queries.gateway(request.actor, gateway)
    lines = services.lines_of(queries.errand(request.actor, found, log, Errand.Kind.LOG))
    return StreamingHttpResponse(
        lines,
        content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.public_id}.jsonl"'},
    )


def _shown(request: ApiRequest, instance: GatewayInstance, errand: str, kind: Errand.Kind) -> dict[str, Any]:
    return errand_out(queries.errand(request.actor, instance, errand, kind), queries.nodes_serving())
