"""Every answer that a test gets from the API is held against the description at /api/v1/openapi.json."""

import re
from functools import cache
from typing import Any

from django.http import HttpResponseBase
from jsonschema_rs import Draft202012Validator

from hanaper.faces.rest.api import api


def check(method: str, path: str, response: HttpResponseBase) -> None:
    """AssertionError if the status, the type or the content of an answer is not described."""
    found = _operation(method.lower(), path.partition("?")[0])
    if found is None:
        assert response.status_code in (404, 405), f"{method} {path} is not described: {response.status_code}"
        return
    described = found["responses"].get(str(response.status_code)) or found["responses"].get(
        response.status_code
    )
    said = f"{method} {path} answered {response.status_code}"
    assert described is not None, f"{said}, which is not described"
    content = described.get("content")
    if response.streaming or not content or response.status_code == 204:
        return
    kind = response["Content-Type"].partition(";")[0]
    assert kind in content, f"{said} as {kind}, which is not described"
    # .json() is of Django's test client
    body = response.json() if kind == "application/json" else response.content.decode()  # type: ignore[attr-defined]
    errors = [str(error.message) for error in _validator(_key(content[kind]["schema"])).iter_errors(body)]
    assert not errors, f"{said}, not as described: {errors[:3]}"


@cache
def _description() -> dict[str, Any]:
    return dict(api.get_openapi_schema())


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Plain addresses before those with ids, as the resolver has them."""
    paths = sorted(_description()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operations) for path, operations in paths]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for pattern, operations in _patterns():
        if pattern.fullmatch(path) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    return None


_schemas: dict[str, Any] = {}


def _key(schema: dict[str, Any]) -> str:
    key = repr(schema)
    _schemas[key] = schema
    return key


@cache
def _validator(key: str) -> Any:
    return Draft202012Validator({**_schemas[key], "components": _description()["components"]})
