"""Every error of the API in one shape: rendered once, described once."""

import json
import uuid
from http import HTTPStatus
from typing import Any

import ninja
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from hanaper.core.errors import (
    Fault,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Refusal,
    Unauthenticated,
)
from hanaper.storage.logs import logger

log = logger(__name__)


class FaultOut(ninja.Schema):
    field: str = Field(description="Dotted path in the input, such as `domains.0`.")
    message: str
    code: str


class ErrorOut(ninja.Schema):
    code: str = Field(description="Stable, for programs.", examples=["order_not_found"])
    message: str = Field(description="For people.")
    clause: str | None = Field(None, description="The clause it rests on, such as `R10`.")
    field: str | None = Field(None, description="The first field at fault.")
    faults: list[FaultOut] = Field(default=[], description="Everything wrong with the input.")
    next_steps: list[str] = Field(default=[], description="What to do instead, in order.")
    details: dict[str, Any] = Field(default={})
    request_id: str = Field(description="Name it when asking for help; also in `X-Request-Id` and our logs.")


class Problem(ninja.Schema):
    """Whatever went wrong, at every address under /api."""

    error: ErrorOut


STATUSES = (400, 401, 403, 404, 405, 409, 411, 413, 422, 429, 500)

_BY_STATUS: dict[int, tuple[str, str, list[str]]] = {
    400: ("bad_request", "This request cannot be understood.", []),
    404: ("unknown_address", "There is nothing at this address.", ["See /api/v1/docs."]),
    405: ("method_not_allowed", "This address does not take this method.", ["See the header Allow."]),
    413: ("body_too_large", "The body of this request is too large.", []),
    500: (
        "internal_error",
        "Something broke on our side.",
        ["Try again later; if it stays, tell the operator the request id."],
    ),
}


def describe_problems(description: dict[str, Any]) -> None:
    """Add to an OpenAPI description that any route may end with a problem.

    Here rather than on the routes, where ninja would make a model of each status of each route.
    """
    reference = "#/components/schemas/{model}"
    schema = Problem.model_json_schema(ref_template=reference)
    description["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
    content = {"application/json": {"schema": {"$ref": reference.format(model="Problem")}}}
    problems = {status: {"description": HTTPStatus(status).phrase, "content": content} for status in STATUSES}
    for path in description["paths"].values():
        for operation in path.values():
            operation["responses"] |= problems


def request_id_of(request: HttpRequest) -> str:
    """The request's id, made by the middleware (or here, should something break before it)."""
    known = getattr(request, "request_id", None)
    if known is None:
        known = "req_" + uuid.uuid4().hex
        request.request_id = known  # type: ignore[attr-defined]
    return str(known)


def problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer that renders `refusal`."""
    faults = refusal.faults if isinstance(refusal, InvalidInput) else ()
    error = {
        "code": refusal.code,
        "message": refusal.message,
        "clause": refusal.clause,
        "field": refusal.field,
        "faults": [{"field": f.field, "message": f.message, "code": f.code} for f in faults],
        "next_steps": list(refusal.next_steps),
        "details": json.loads(json.dumps(refusal.details, default=str)),
        "request_id": request_id_of(request),
    }
    response = JsonResponse(
        {"error": error}, status=refusal.status, json_dumps_params={"ensure_ascii": False, "default": str}
    )
    if isinstance(refusal, Unauthenticated):
        response["WWW-Authenticate"] = 'Bearer realm="hanaper"'
    retry_after = refusal.details.get("retry_after")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def problem_of_status(request: HttpRequest, status: int, message: str | None = None) -> HttpResponse:
    """The answer for an error that no service refused, such as an unknown address."""
    code, text, steps = _BY_STATUS.get(
        status, (HTTPStatus(status).phrase.lower().replace(" ", "_"), HTTPStatus(status).phrase + ".", [])
    )
    refusal = Refusal(message or text, code=code, next_steps=steps)
    refusal.status = status
    return problem(request, refusal)


def problem_of_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The answer for whatever a route raised; what is nobody's refusal is logged and tells nothing."""
    match error:
        case Refusal():
            return problem(request, error)
        case ValidationError():
            return problem(request, _invalid(error))
        case HttpError(__cause__=Refusal() as cause):  # ninja wraps what the parser of the body raised
            return problem(request, cause)
        case HttpError(status_code=401):
            return problem(request, no_key())
        case HttpError(status_code=403):
            return problem(request, Forbidden("This key may not do this."))
        case HttpError(status_code=429):
            return problem(request, RateLimited("Too many requests."))
        case HttpError(status_code=400):
            return problem_of_status(request, 400, "The body of this request is not valid JSON.")
        case HttpError():
            return problem_of_status(request, error.status_code, error.message)
        case Http404():
            return problem(request, NotFound("There is no such thing."))
        case RequestDataTooBig():
            return problem_of_status(request, 413)
        case SuspiciousOperation() | BadRequest():
            return problem_of_status(request, 400)
    log.error("request_failed", exc_info=error, request_id=request_id_of(request))
    return problem_of_status(request, 500)


def no_key() -> Unauthenticated:
    return Unauthenticated(
        "This address needs an access key.",
        code="access_key_required",
        next_steps=["Send the header `Authorization: Bearer key_....secret`.", "Make a key at /keys/."],
    )


def _invalid(error: ValidationError) -> InvalidInput:
    faults = []
    for fault in error.errors:
        source, *path = fault["loc"]
        if source == "body" and len(path) > 1:  # the name of the route's parameter
            path = path[1:]
        message = str(fault["msg"]).removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "There is no such field here; nobody would read it."
        field = ".".join(str(step) for step in path) or str(source)
        faults.append(Fault(field, message, str(fault["type"])))
    return InvalidInput("The input is not valid; see `faults`.", faults=faults)
