"""The six calls of a node. Whoever shows no token of a node learns nothing, not even what exists."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hanaper import clock
from hanaper.apps.gateway import fleet, services
from hanaper.apps.gateway.models import GatewayNode
from hanaper.core.errors import Refusal
from hanaper.core.gateway.wire import Report

LARGEST_REPORT = 32 * 1024 * 1024
View = Callable[..., HttpResponse]


class Join(BaseModel):
    model_config = ConfigDict(extra="forbid")
    join: str = Field(max_length=200)
    name: str = Field("", max_length=80)


def answering(method: str) -> Callable[[View], View]:
    """A view for one method; a Refusal is its status and code, input that is no such thing is 400."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponse:
            if request.method != method:
                return HttpResponse(status=405, headers={"Allow": method})
            length = request.headers.get("Content-Length") or "0"
            if not length.isdecimal() or int(length) > LARGEST_REPORT:
                return HttpResponse(status=413)
            try:
                response = view(request, **named)
            except Refusal as refusal:
                response = JsonResponse({"code": refusal.code}, status=refusal.status)
            except ValidationError:
                response = JsonResponse({"code": "malformed"}, status=400)
            response["Cache-Control"] = "no-store"
            return response

        return answer

    return decorate


@answering("POST")
def join(request: HttpRequest) -> HttpResponse:
    asked = Join.model_validate_json(request.body)
    node, token = services.join(asked.join, asked.name, at=clock.now(), system_at=clock.system_now())
    return JsonResponse({"node": node.public_id, "token": token})


@answering("POST")
def report(request: HttpRequest) -> HttpResponse:
    node = _node(request, retired_too=True)
    said = Report.model_validate_json(request.body)
    answer = services.report(node, said, at=clock.now(), system_at=clock.system_now())
    return _json(answer)


@answering("GET")
def snapshot(request: HttpRequest) -> HttpResponse:
    _node(request)
    return _json(fleet.snapshot())


@answering("GET")
def changes(request: HttpRequest, since: int) -> HttpResponse:
    _node(request)
    return _json(fleet.changes(since))


@answering("GET")
def certificate(request: HttpRequest, name: str) -> HttpResponse:
    _node(request)
    return _json(services.key_pair(name, clock.now()))


@answering("POST")
def errand(request: HttpRequest, errand: str) -> HttpResponse:
    services.deliver(_node(request), errand, request.body, at=clock.now())
    return JsonResponse({})


def _node(request: HttpRequest, *, retired_too: bool = False) -> GatewayNode:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return services.authenticate(token if kind == "Bearer" else "", retired_too=retired_too)


def _json(said: BaseModel) -> HttpResponse:
    return HttpResponse(said.model_dump_json(), content_type="application/json")
