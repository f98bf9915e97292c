"""Gateway nodes, for operators: joining, how they are, retiring."""

from datetime import datetime
from typing import Any

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper import clock
from hanaper.apps.gateway import queries, services
from hanaper.apps.gateway.models import GatewayNode
from hanaper.core.actor import StaffRole
from hanaper.faces.rest.access import ApiRequest, operator
from hanaper.faces.rest.idempotency import idempotent

router = Router(tags=["gateway nodes"])


class LeftOutOut(ninja.Schema):
    instance: str
    said: str = Field(description="What the engine says of it.")
    earlier: bool = Field(description="Whether what was served of it before is served on.")
    since: datetime


class NodeOut(ninja.Schema):
    id: str
    name: str
    joined_at: datetime
    seen_at: datetime | None = Field(description="To within ten seconds.")
    engine: str
    http3: bool
    version: int = Field(
        description="What it serves: a moment, in milliseconds of the Unix epoch; `newest` of the list is"
        " what it should."
    )
    settled: int
    error: str
    left_out: list[LeftOutOut] = Field(description="Sites that it does not serve as they are to be.")
    retired_at: datetime | None


class NodesOut(ninja.Schema):
    newest: int
    items: list[NodeOut]


class JoinTokenOut(ninja.Schema):
    token: str = Field(description="Given out once; lets one node join within a day.")


def node_out(node: GatewayNode) -> dict[str, Any]:
    return {
        "id": node.public_id,
        "name": node.name,
        "joined_at": node.joined_at,
        "seen_at": node.seen_at,
        "engine": node.engine,
        "http3": node.http3,
        "version": node.applied,
        "settled": node.settled,
        "error": node.error,
        "left_out": node.left_out,
        "retired_at": node.retired_at,
    }


@router.get("/operator/gateway-nodes", auth=operator(), response=NodesOut, summary="Every node")
def list_nodes(request: ApiRequest) -> dict[str, Any]:
    nodes = queries.nodes(request.actor)
    return {"newest": queries.newest_version(), "items": [node_out(node) for node in nodes]}


@router.post(
    "/operator/gateway-nodes/join-tokens",
    auth=operator(StaffRole.ADMINISTRATOR),
    response={201: JoinTokenOut},
    summary="Let one more node join",
)
@idempotent(store_body=False)
def make_join_token(request: ApiRequest) -> Status[dict[str, Any]]:
    token = services.make_join_token(request.actor, at=request.at, system_at=clock.system_now())
    return Status(201, {"token": token})


@router.post(
    "/operator/gateway-nodes/{node}/retire",
    auth=operator(StaffRole.ADMINISTRATOR),
    response=NodeOut,
    summary="It serves no more, and nobody waits for it",
)
@idempotent
def retire_node(request: ApiRequest, node: str) -> dict[str, Any]:
    return node_out(services.retire(request.actor, queries.node(request.actor, node), at=request.at))
