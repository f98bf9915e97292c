"""Refusals at the fields of a form."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.faces.language import sentences

# Next steps that name a command or a field of programs, as somebody does the same on these pages.
HERE = {
    "An operator ends it with `hanaper backup finish`.": _("An operator ends it."),
    "Bring the certificate that was signed elsewhere: `hanaper pca outside complete`, or its page.": _(
        "Bring the certificate that was signed elsewhere, on the page of the private CA."
    ),
    "Or say that a new key shall be made here: key_here, on the command line --key-here.": _(
        "Or tick the box: a new key is made here."
    ),
}


def said_here(step: str) -> str:
    """A next step in the words of these pages, in the reader's language."""
    return str(HERE[step]) if step in HERE else sentences.translate(step)


def by_field(refusal: Refusal, fields: Sequence[str] = ()) -> dict[str, list[Fault]]:
    """Faults by the first part of their field: `domains.0` stands at `domains`, `means.1.card` at `means`.

    `fields`: those of the form that have several parts; `names.dns.0` stands at `names.dns` if that is one.
    """
    found: dict[str, list[Fault]] = {}
    faults = refusal.faults if isinstance(refusal, InvalidInput) else ()
    for fault in faults or ([Fault(refusal.field, refusal.message)] if refusal.field else []):
        whole = [one for one in fields if f"{fault.field}.".startswith(f"{one}.")]
        found.setdefault(max(whole, key=len, default=fault.field.split(".")[0]), []).append(fault)
    return found


def shown(refusal: Refusal | None, fields: Sequence[str] = ()) -> dict[str, Any]:
    """What a template needs to show a refusal and its faults."""
    return {"refusal": refusal, "faults": by_field(refusal, fields)} if refusal else {}


def answer(
    request: HttpRequest,
    template: str,
    content: dict[str, Any],
    refusal: Refusal | None = None,
    *,
    fields: Sequence[str] = (),
) -> HttpResponse:
    """A page; with a refusal the same page, saying what was wrong and where."""
    status = refusal.status if refusal else 200
    return render(request, template, {**content, **shown(refusal, fields)}, status=status)
