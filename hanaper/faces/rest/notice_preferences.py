"""Which letters you get, by topic: yours alone, in the account of the key or as an operator."""

import ninja
from ninja import Router
from pydantic import Field

from hanaper.apps.events import preferences
from hanaper.apps.events.topics import Topic
from hanaper.faces.rest.access import ApiRequest, anyone_signed_in
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent

router = Router(tags=["notices"])


class PreferenceOut(ninja.Schema):
    topic: Topic
    email: bool = Field(description="Whether you get letters about it. Notices are there anyhow.")


class PreferencesOut(ninja.Schema):
    items: list[PreferenceOut]


class PreferenceIn(Body):
    email: bool


def preferences_out(chosen: dict[Topic, bool]) -> dict[str, object]:
    return {"items": [{"topic": topic, "email": email} for topic, email in chosen.items()]}


@router.get(
    "/notice-preferences", auth=anyone_signed_in(), response=PreferencesOut, summary="The letters you get"
)
def list_preferences(request: ApiRequest) -> dict[str, object]:
    return preferences_out(preferences.own_preferences(request.actor, request.account))


@router.put(
    "/notice-preferences/{topic}",
    auth=anyone_signed_in(),
    response=PreferencesOut,
    summary="Choose whether you get letters about it",
)
@idempotent
def set_preference(request: ApiRequest, topic: Topic, body: PreferenceIn) -> dict[str, object]:
    chosen = preferences.set_preference(
        request.actor, request.account, topic, email=body.email, at=request.at
    )
    return preferences_out(chosen)
