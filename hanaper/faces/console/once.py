"""Forms that are sent twice (a double click, a page loaded again) take effect once.

A form with `{% once %}` carries a token. The first request with it reserves it (accounts.idempotency), and
where it led to is kept; a second one goes there too. If the process died in between, the audit entry of the
first request, which stands in the transaction of its effect, proves that it took effect.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext as _

from hanaper.apps.accounts import idempotency
from hanaper.apps.audit import queries as audit

FIELD = "once"
LENGTH = 32


def new_token() -> str:
    return get_random_string(LENGTH)


def once(request: Any, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run a request, unless it is a form that was sent before."""
    token = request.POST.get(FIELD, "") if request.method == "POST" else ""
    if len(token) != LENGTH or not token.isascii() or not token.isalnum():
        return run()
    claim = idempotency.reserve(
        scope=f"console:{request.user.public_id}",
        key=token,
        input_hash=_input_hash(request),
        request_id=request.request_id,
    )
    if claim.answer is not None:
        return _again(request, claim.answer[1])
    if claim.taken_over:
        if audit.first_of_request(claim.first_request_id) is not None:
            idempotency.keep(claim.reservation, 302, None)
            return _again(request, None)
        idempotency.start_over(claim.reservation, request.request_id)
    return _run(claim.reservation, run)


def _run(reservation: idempotency.Reservation, run: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        with idempotency.holding(reservation):
            response = run()
    except Exception:
        idempotency.release(reservation)
        raise
    if response.status_code == 302:
        idempotency.keep(reservation, 302, response["Location"])
    elif response.status_code == 201:  # a secret that is shown once, and never kept
        idempotency.keep(reservation, 201, None)
    else:
        idempotency.forget(reservation)
    return response


def _again(request: Any, location: str | None) -> HttpResponse:
    messages.info(request, _("This form had been sent before; it took effect once."))
    return redirect(location or request.path)


def _input_hash(request: Any) -> str:
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST)
    ours = ("csrfmiddlewaretoken", FIELD)
    whole = [request.path, [field for field in fields if field[0] not in ours]]
    # Keyed: a form may hold a card's number, which a plain hash would let somebody guess.
    return salted_hmac("console once", repr(whole), algorithm="sha256").hexdigest()
