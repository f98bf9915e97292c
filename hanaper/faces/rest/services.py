"""What orders bought besides certificates, private CAs and gateways."""

from datetime import datetime
from typing import Annotated

import ninja
from ninja import Query, Router
from pydantic import Field

from hanaper.apps.other_services import queries as subscriptions
from hanaper.apps.other_services import services
from hanaper.apps.other_services.models import Subscription
from hanaper.apps.other_services.states import LABELS as SERVICE_LABELS
from hanaper.apps.other_services.states import SubscriptionState
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["services"])
SORTS = ("-created_at",)


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


class ServiceFilter(ninja.Schema):
    state: SubscriptionState | None = None
    kind: str = Field("", max_length=40)


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
