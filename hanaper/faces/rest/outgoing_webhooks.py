"""The account's webhooks: where it is told by HTTP what happened, and what was sent there."""

from datetime import datetime

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.webhooks import queries, services
from hanaper.apps.webhooks.models import Delivery, Endpoint
from hanaper.apps.webhooks.vocabulary import CHOICES, DeliveryState
from hanaper.faces.rest.access import ApiRequest, customer, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer

router = Router(tags=["webhooks"])

KINDS = "Kinds of events, such as `certificate.issued`; empty for all of them."


class WebhookIn(Body):
    url: str = Field(max_length=2000, description="https; in a sandbox http as well.")
    description: str = Field("", max_length=200)
    kinds: list[str] = Field([], max_length=len(CHOICES), description=KINDS)


class WebhookChange(Body):
    url: str | None = Field(None, max_length=2000)
    description: str | None = Field(None, max_length=200)
    kinds: list[str] | None = Field(None, max_length=len(CHOICES), description=KINDS)
    enabled: bool | None = None


class WebhookOut(ninja.Schema):
    id: str
    url: str
    description: str
    kinds: list[str] = Field(description=KINDS)
    enabled: bool
    disabled_because: str | None = Field(None, description="`owner`, `failing` (for days) or `gone` (410).")
    created_at: datetime
    failures: int = Field(description="In a row.")
    failing_since: datetime | None = Field(None, description="System time.")
    old_secret_until: datetime | None = Field(
        None, description="System time: until then the secret before the last rotation signs too."
    )


class NewWebhookOut(WebhookOut):
    secret: str = Field(description="`whsec_...`, which signs what is sent. Shown this once.")


class DeliveryOut(ninja.Schema):
    id: str = Field(description="The header `webhook-id` of every try.")
    webhook: str
    event: str
    kind: str
    subject: str = Field(description="The public id of what it is about.")
    state: DeliveryState
    created_at: datetime = Field(description="System time, as the others here.")
    attempts: int
    tried_at: datetime | None = None
    due_at: datetime | None = Field(None, description="When it is tried next.")
    delivered_at: datetime | None = None
    status: int | None = Field(None, description="Of the last answer.")
    answer: str = Field(description="The beginning of the last answer.")
    fault: str = Field(description="What was wrong with the last try.")


class EventKindsOut(ninja.Schema):
    items: list[str]


def webhook_out(endpoint: Endpoint) -> dict[str, object]:
    return {
        "id": endpoint.public_id,
        "url": endpoint.url,
        "description": endpoint.description,
        "kinds": endpoint.kinds,
        "enabled": endpoint.enabled,
        "disabled_because": endpoint.disabled_because or None,
        "created_at": endpoint.created_at,
        "failures": endpoint.failures,
        "failing_since": endpoint.failing_since,
        "old_secret_until": endpoint.old_secret_until,
    }


def delivery_out(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.public_id,
        "webhook": delivery.endpoint.public_id,
        "event": delivery.event.public_id,
        "kind": delivery.event.kind,
        "subject": delivery.event.subject,
        "state": delivery.state,
        "created_at": delivery.created_at,
        "attempts": delivery.attempts,
        "tried_at": delivery.tried_at,
        "due_at": delivery.due_at,
        "delivered_at": delivery.delivered_at,
        "status": delivery.status,
        "answer": delivery.answer,
        "fault": delivery.fault,
    }


@router.get("/event-kinds", auth=customer(), response=EventKindsOut, summary="What a webhook can be told of")
def list_kinds(request: ApiRequest) -> dict[str, object]:
    return {"items": list(CHOICES)}


@router.get("/webhooks", auth=customer(), response=PageOut[WebhookOut], summary="Your webhooks")
def list_webhooks(request: ApiRequest, paging: PageQuery) -> dict[str, object]:
    return answer(queries.endpoints(request.actor), paging, sorts=("created_at",), out=webhook_out)


@router.post("/webhooks", auth=customer(), response={201: NewWebhookOut}, summary="Add a webhook")
@idempotent(store_body=False)
def create_webhook(request: ApiRequest, body: WebhookIn) -> Status[dict[str, object]]:
    made, secret = services.create_endpoint(
        request.actor,
        own_account(request),
        url=body.url,
        description=body.description,
        kinds=body.kinds,
        at=request.at,
    )
    return Status(201, {**webhook_out(made), "secret": secret})


@router.get("/webhooks/{webhook}", auth=customer(), response=WebhookOut, summary="One webhook")
def get_webhook(request: ApiRequest, webhook: str) -> dict[str, object]:
    return webhook_out(queries.endpoint(request.actor, webhook))


@router.patch("/webhooks/{webhook}", auth=customer(), response=WebhookOut, summary="Change a webhook")
@idempotent
def change_webhook(request: ApiRequest, webhook: str, body: WebhookChange) -> dict[str, object]:
    found = queries.endpoint(request.actor, webhook)
    changed = services.change_endpoint(
        request.actor,
        found,
        url=body.url,
        description=body.description,
        kinds=body.kinds,
        enabled=body.enabled,
        at=request.at,
    )
    return webhook_out(changed)


@router.delete("/webhooks/{webhook}", auth=customer(), response={204: None}, summary="Remove a webhook")
@idempotent
def remove_webhook(request: ApiRequest, webhook: str) -> Status[None]:
    services.remove_endpoint(request.actor, queries.endpoint(request.actor, webhook), at=request.at)
    return Status(204, None)


@router.post(
    "/webhooks/{webhook}/rotate-secret",
    auth=customer(),
    response=NewWebhookOut,
    summary="Give it a new secret; the one before signs too for a day",
)
@idempotent(store_body=False)
def rotate_secret(request: ApiRequest, webhook: str) -> dict[str, object]:
    found = queries.endpoint(request.actor, webhook)
    rotated, secret = services.rotate_secret(request.actor, found, at=request.at)
    return {**webhook_out(rotated), "secret": secret}


@router.post(
    "/webhooks/{webhook}/test", auth=customer(), response={201: DeliveryOut}, summary="Send a test event"
)
@idempotent
def send_test(request: ApiRequest, webhook: str) -> Status[dict[str, object]]:
    found = queries.endpoint(request.actor, webhook)
    return Status(201, delivery_out(services.send_test(request.actor, found, at=request.at)))


@router.get(
    "/webhooks/{webhook}/deliveries",
    auth=customer(),
    response=PageOut[DeliveryOut],
    summary="What was sent there",
)
def list_deliveries(
    request: ApiRequest, webhook: str, paging: PageQuery, state: DeliveryState | None = None
) -> dict[str, object]:
    found = queries.endpoint(request.actor, webhook)
    rows = queries.deliveries(request.actor, found, state=state)
    return answer(rows, paging, sorts=("-id",), out=delivery_out)


@router.get(
    "/webhooks/{webhook}/deliveries/{delivery}",
    auth=customer(),
    response=DeliveryOut,
    summary="One of them",
)
def get_delivery(request: ApiRequest, webhook: str, delivery: str) -> dict[str, object]:
    found = queries.endpoint(request.actor, webhook)
    return delivery_out(queries.delivery(request.actor, found, delivery))


@router.post(
    "/webhooks/{webhook}/deliveries/{delivery}/replay",
    auth=customer(),
    response=DeliveryOut,
    summary="Send it again, with the same id",
)
@idempotent
def replay_delivery(request: ApiRequest, webhook: str, delivery: str) -> dict[str, object]:
    found = queries.delivery(request.actor, queries.endpoint(request.actor, webhook), delivery)
    return delivery_out(services.replay(request.actor, found, at=request.at))
