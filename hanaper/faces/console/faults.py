"""Refusals at the fields of a form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hanaper.core.errors import Fault, InvalidInput, Refusal


def by_field(refusal: Refusal) -> dict[str, list[Fault]]:
    """Faults by the first part of their field: `domains.0` stands at `domains`, `means.1.card` at `means`."""
    found: dict[str, list[Fault]] = {}
    faults = refusal.faults if isinstance(refusal, InvalidInput) else ()
    for fault in faults or ([Fault(refusal.field, refusal.message)] if refusal.field else []):
        found.setdefault(fault.field.split(".")[0], []).append(fault)
    return found


def shown(refusal: Refusal | None) -> dict[str, Any]:
    """What a template needs to show a refusal and its faults."""
    return {"refusal": refusal, "faults": by_field(refusal)} if refusal else {}


def answer(
    request: HttpRequest, template: str, content: dict[str, Any], refusal: Refusal | None = None
) -> HttpResponse:
    """A page; with a refusal the same page, saying what was wrong and where."""
    status = refusal.status if refusal else 200
    return render(request, template, {**content, **shown(refusal)}, status=status)
