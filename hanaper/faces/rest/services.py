"""What orders bought besides certificates: private CAs, gateway instances and other services."""

from datetime import datetime
from typing import Annotated

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.gateway import queries as gateways
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.states import LABELS as GATEWAY_LABELS
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.other_services import queries as subscriptions
from hanaper.apps.other_services import services
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.other_services.states import LABELS as SERVICE_LABELS
from hanaper.apps.other_services.states import SubscriptionState
from hanaper.apps.private_ca import queries as private_cas
from hanaper.apps.private_ca.models import PrivateCA
from hanaper.apps.private_ca.states import LABELS as CA_LABELS
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["services"])
SORTS = ("-created_at",)


class PrivateCaOut(ninja.Schema):
    id: str
    order: str
    kind: PrivateCaKind
    parent: str | None
    state: PrivateCaState
    state_label: str
    term_months: int
    created_at: datetime
    reset_at: datetime | None = Field(description="The last reset; null again once enabled after it.")


class GatewayOut(ninja.Schema):
    id: str
    order: str
    state: GatewayState
    state_label: str
    domain: str | None
    term_months: int
    grcq_included: int
    grcq_used: int
    visits: int
    bytes_out: int
    created_at: datetime
    reset_at: datetime | None = Field(description="The last reset; null again once a domain is added.")


class ServiceOut(ninja.Schema):
    id: str
    order: str
    product: str
    name: str
    kind: str
    state: SubscriptionState
    state_label: str
    created_at: datetime
    used_at: datetime | None = Field(description="The first use: from then on no refund (R8).")


class CaFilter(ninja.Schema):
    state: PrivateCaState | None = None
    kind: PrivateCaKind | None = None


class GatewayFilter(ninja.Schema):
    state: GatewayState | None = None


class ServiceFilter(ninja.Schema):
    state: SubscriptionState | None = None
    kind: str = Field("", max_length=40)


def ca_out(ca: PrivateCA) -> PrivateCaOut:
    return PrivateCaOut(
        id=ca.public_id,
        order=ca.order.public_id,
        kind=PrivateCaKind(ca.kind),
        parent=ca.parent.public_id if ca.parent else None,
        state=PrivateCaState(ca.state),
        state_label=CA_LABELS[PrivateCaState(ca.state)],
        term_months=ca.term_months,
        created_at=ca.created_at,
        reset_at=ca.reset_at,
    )


def gateway_out(gateway: GatewayInstance) -> GatewayOut:
    return GatewayOut(
        id=gateway.public_id,
        order=gateway.order.public_id,
        state=GatewayState(gateway.state),
        state_label=GATEWAY_LABELS[GatewayState(gateway.state)],
        domain=gateway.domain or None,
        term_months=gateway.term_months,
        grcq_included=gateway.grcq_included,
        grcq_used=gateway.grcq_used,
        visits=gateway.visits,
        bytes_out=gateway.bytes_out,
        created_at=gateway.created_at,
        reset_at=gateway.reset_at,
    )


def service_out(service: Subscription) -> ServiceOut:
    return ServiceOut(
        id=service.public_id,
        order=service.order.public_id,
        product=service.product.code,
        name=service.product.name,
        kind=service.product.kind,
        state=SubscriptionState(service.state),
        state_label=SERVICE_LABELS[SubscriptionState(service.state)],
        created_at=service.created_at,
        used_at=service.used_at,
    )


@router.get(
    "/private-cas",
    auth=customer(),
    response=PageOut[PrivateCaOut],
    summary="The account's private CAs",
)
def list_private_cas(
    request: ApiRequest, filters: Annotated[CaFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = private_cas.private_cas(request.actor, state=filters.state or "", kind=filters.kind or "")
    return answer(found, paging, sorts=SORTS, out=ca_out)


@router.get("/private-cas/{ca}", auth=customer(), response=PrivateCaOut, summary="One private CA")
def show_private_ca(request: ApiRequest, ca: str) -> PrivateCaOut:
    return ca_out(private_cas.private_ca(request.actor, ca))


@router.get(
    "/gateways",
    auth=customer(),
    response=PageOut[GatewayOut],
    summary="The account's gateway instances",
)
def list_gateways(
    request: ApiRequest, filters: Annotated[GatewayFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = gateways.gateways(request.actor, state=filters.state or "")
    return answer(found, paging, sorts=SORTS, out=gateway_out)


@router.get(
    "/gateways/{gateway}",
    auth=customer(),
    response=GatewayOut,
    summary="One gateway instance",
)
def show_gateway(request: ApiRequest, gateway: str) -> GatewayOut:
    return gateway_out(gateways.gateway(request.actor, gateway))


@router.get(
    "/services",
    auth=customer(),
    response=PageOut[ServiceOut],
    summary="The account's other services",
)
def list_services(
    request: ApiRequest, filters: Annotated[ServiceFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = subscriptions.subscriptions(request.actor, state=filters.state or "", kind=filters.kind)
    return answer(found, paging, sorts=SORTS, out=service_out)


@router.get(
    "/services/{service}",
    auth=customer(),
    response=ServiceOut,
    summary="One other service",
)
def show_service(request: ApiRequest, service: str) -> ServiceOut:
    return service_out(subscriptions.subscription(request.actor, service))


@router.post(
    "/services/{service}/use",
    auth=customer(),
    response=ServiceOut,
    summary="Use it: from then on its order cannot be refunded (R8)",
)
@idempotent
def use_service(request: ApiRequest, service: str) -> ServiceOut:
    found = subscriptions.subscription(request.actor, service)
    services.mark_used(request.actor, found, at=request.at)
    return service_out(subscriptions.subscription(request.actor, service))
