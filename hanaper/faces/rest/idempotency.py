"""`@idempotent`: the same write asked for twice happens once.

Put it under the route's decorator. With the header `Idempotency-Key` the first request reserves the key
(accounts.idempotency), runs, and its answer is kept; an equal request later gets that answer again with
`Idempotent-Replayed: true`. Answers of the service are kept, refusals too; what failed before it (401, 403,
422, 429) or broke (5xx) is not.

If we die between the effect and the keeping of the answer, the reservation runs out, and an equal request
takes it over. Every service writes its audit entry in the transaction of its effect, with the request's id:
an entry under the first request's id proves that it took effect. Then nothing is done again; the answer is
409 `idempotency_answer_lost` and names what was made. Without such an entry nothing had happened, and the
request runs; should the first one only have been slow, `fence` keeps it from taking effect afterwards.

`@idempotent(store_body=False)`: for answers that show a secret once. They are never kept; a repeat gets 409
`idempotency_answer_not_kept`.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, overload

from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from ninja.decorators import decorate_view
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback

from hanaper.apps.accounts import idempotency
from hanaper.apps.audit import queries as audit
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.rest.access import ApiRequest
from hanaper.faces.rest.body import read_json

HEADER = "Idempotency-Key"
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    "description": "A fresh random text for each new request: repeated with the same one, it happens once.",
}
NOT_KEPT = frozenset({401, 403, 413, 422, 429})


@overload
def idempotent[F: Callable[..., Any]](view: F) -> F: ...
@overload
def idempotent[F: Callable[..., Any]](*, store_body: bool = True) -> Callable[[F], F]: ...
def idempotent(view: Any = None, *, store_body: bool = True) -> Any:
    """See above. Ninja calls the view only after the key and the input were found good."""
    if view is None:
        return lambda real: idempotent(real) if store_body else _wrap(real, store_body=False)
    return _wrap(view, store_body=True)


def _wrap(view: Callable[..., Any], *, store_body: bool) -> Callable[..., Any]:
    @wraps(view)
    def reserved(request: ApiRequest, *arguments: Any, **named: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(request, *arguments, **named)
        found = _reserve(request, key)
        if isinstance(found, HttpResponse):
            return found
        request.reservation = found  # type: ignore[attr-defined]
        with idempotency.holding(found):
            return view(request, *arguments, **named)

    def keeping(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(run)
        def answered(request: ApiRequest, **named: Any) -> HttpResponse:
            response = run(request, **named)
            reservation = getattr(request, "reservation", None)
            if reservation is not None:
                _keep(reservation, response, store_body)
            return response

        return answered

    decorate_view(keeping)(reserved)
    contribute_operation_callback(reserved, _describe)
    return reserved


def _describe(operation: Operation) -> None:
    extra = operation.openapi_extra or {}
    operation.openapi_extra = {**extra, "parameters": [*extra.get("parameters", []), PARAMETER]}


def _reserve(request: ApiRequest, key: str) -> HttpResponse | idempotency.Reservation:
    """The kept answer, or the right to run."""
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise InvalidInput(
            "An idempotency key has 1 to 255 printable ASCII characters.",
            field=HEADER,
            code="bad_idempotency_key",
        )
    claim = idempotency.reserve(
        scope=_scope(request), key=key, input_hash=_input_hash(request), request_id=request.request_id
    )
    if claim.answer is not None:
        status, body = claim.answer
        if body is None:
            raise Refusal(
                "This was done before; its answer showed a secret and was not kept.",
                code="idempotency_answer_not_kept",
                next_steps=["If the secret is lost, revoke what was made and make another with a new key."],
                details={"status": status, **_effect(claim.first_request_id)},
            )
        response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
        response["Idempotent-Replayed"] = "true"
        return response
    if claim.taken_over:
        _refuse_if_it_took_effect(claim)
        idempotency.start_over(claim.reservation, request.request_id)
    return claim.reservation


def _refuse_if_it_took_effect(claim: idempotency.Claim) -> None:
    if effect := _effect(claim.first_request_id):
        idempotency.release(claim.reservation)
        raise Refusal(
            "The first request with this key took effect, but its answer was lost.",
            code="idempotency_answer_lost",
            next_steps=["Read what it made: see `details.target`.", "Do not send it again with another key."],
            details=effect,
        )


def _keep(reservation: idempotency.Reservation, response: HttpResponse, store_body: bool) -> None:
    if response.status_code >= 500:
        idempotency.release(reservation)
    elif response.status_code in NOT_KEPT:
        idempotency.forget(reservation)
    else:
        kept = store_body or response.status_code >= 400
        idempotency.keep(reservation, response.status_code, response.content.decode() if kept else None)


def _effect(request_id: str) -> dict[str, str]:
    entry = audit.first_of_request(request_id)
    return {} if entry is None else {"target": entry.target, "action": entry.action, "audit": entry.public_id}


def _scope(request: ApiRequest) -> str:
    return request.account.public_id if request.account else f"operator:{request.actor.user_id}"


def _input_hash(request: ApiRequest) -> str:
    body = read_json(request.body) if request.body else None
    whole = [request.method, request.path, request.META.get("QUERY_STRING", ""), request.actor.user_id, body]
    # Keyed: a body may hold a card's number, which a plain hash would let somebody guess.
    return salted_hmac("idempotency", json.dumps(whole, sort_keys=True), algorithm="sha256").hexdigest()
