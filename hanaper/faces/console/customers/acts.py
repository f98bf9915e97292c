"""What is done to a certificate: Cancel Apply, Withdraw, Cancel, Revoke, Renew, reissuing and combining.

The first four ask once more in a message titled Note, with OK (SPEC section 3).
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.apps.certificates import queries
from hanaper.apps.certificates.services import combining, reissuing, renewing, revoking, withdrawing
from hanaper.apps.certificates.services.warning import Warning as Warned
from hanaper.apps.certificates.vocabulary import SUBSCRIBER_REASONS, RevocationReason
from hanaper.core.certificate.states import CertificateState
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.faces.console.customers.applying import ALGORITHMS
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done, refused

MOST_COMBINED = 50
YEARS = ("1", "2", "3")
Words = str | Promise


def _noted(
    service: Callable[..., object], title: Words, note: Words, said: Words
) -> Callable[..., HttpResponse]:
    """A page that asks once more in a message titled Note, with OK."""

    @customer_page("GET", "POST")
    def view(request: PlaceRequest, certificate: str) -> HttpResponse:
        found = queries.certificate(request.place.actor, certificate)
        if request.method == "POST":
            service(request.place.actor, found, at=request.at)
            return done(request, str(said), "certificates")
        return render(request, "console/note.html", {"certificate": found, "title": title, "note": note})

    return view


cancel_apply = _noted(
    withdrawing.cancel_apply,
    gettext_lazy("Cancel Apply"),
    gettext_lazy("The application leaves the list, and the quota that it took is restored to the order."),
    gettext_lazy("The application is off the list."),
)
withdraw = _noted(
    withdrawing.withdraw,
    gettext_lazy("Withdraw"),
    gettext_lazy(
        "The application goes back to Pending Application; it can be changed and applied for again."
    ),
    gettext_lazy("The application is withdrawn."),
)


def _warned(
    prepare: Callable[..., Warned],
    confirm: Callable[..., object],
    title: Words,
    said: Words,
    *,
    reasons: Sequence[RevocationReason] = (),
) -> Callable[..., HttpResponse]:
    """What cannot be undone, in two steps (R12): the warning with its dates (D12), then OK."""

    @customer_page("GET", "POST")
    def view(request: PlaceRequest, certificate: str) -> HttpResponse:
        actor, found = request.place.actor, queries.certificate(request.place.actor, certificate)
        if request.method == "POST":
            more = reason_of(request.POST, reasons) if reasons else {}
            confirm(actor, found, request.POST.get("confirmation", ""), **more, at=request.at)
            return done(request, str(said), "certificate", certificate)
        content = {
            "certificate": found,
            "title": title,
            "warned": prepare(actor, found, at=request.at),
            "reasons": reasons,
        }
        return render(request, "console/note.html", content)

    return view


def reason_of(given: Any, offered: Sequence[RevocationReason]) -> dict[str, Any]:
    """Why a certificate is revoked: one of the reasons offered, and a text for whoever reviews it."""
    reason = given.get("reason", RevocationReason.UNSPECIFIED.value)
    if reason not in offered:
        raise InvalidInput("Choose one of the list.", field="reason")
    return {"reason": RevocationReason(reason), "text": given.get("text", "")[:1000]}


revoke = _warned(
    revoking.prepare_revocation,
    revoking.confirm_revocation,
    gettext_lazy("Revoke Certificate"),
    gettext_lazy("An operator reviews the revocation."),
    reasons=SUBSCRIBER_REASONS,
)
cancel = _warned(
    revoking.prepare_cancel,
    revoking.confirm_cancel,
    gettext_lazy("Cancel the certificate"),
    gettext_lazy("The year is cancelled, for good."),
)


@customer_page("GET", "POST")
def renew(request: PlaceRequest, certificate: str) -> HttpResponse:
    """A renewal order; from `Issued` an early one (R14)."""
    found = queries.certificate(request.place.actor, certificate)
    content: dict[str, Any] = {"certificate": found, "years": YEARS}
    if request.method == "POST":
        years = request.POST.get("years", "1")
        try:
            order = renewing.renew(
                request.place.actor,
                found,
                years=int(years) if years in YEARS else 0,
                coupon_code=request.POST.get("coupon", "").strip(),
                at=request.at,
            )
        except Refusal as refusal:
            return answer(request, "console/renew.html", {**content, "given": request.POST}, refusal)
        return done(request, _("The renewal order is placed."), "order", order.public_id)
    return render(request, "console/renew.html", content)


@customer_page("GET", "POST")
def reissue(request: PlaceRequest, certificate: str) -> HttpResponse:
    """A new X.509 certificate with a new key, for the same names and the rest of the year."""
    found = queries.certificate(request.place.actor, certificate)
    content: dict[str, Any] = {"certificate": found, "algorithms": ALGORITHMS}
    if request.method == "POST":
        csr = request.POST.get("csr", "").strip() or None
        algorithm = None if csr else request.POST.get("key_algorithm") or None
        try:
            reissuing.reissue(request.place.actor, found, csr=csr, key_algorithm=algorithm, at=request.at)
        except Refusal as refusal:
            return answer(request, "console/reissue.html", {**content, "given": request.POST}, refusal)
        return done(request, _("A new certificate is being issued."), "certificate", certificate)
    return render(request, "console/reissue.html", content)


@customer_page("POST")
def auto_reissue(request: PlaceRequest, certificate: str) -> HttpResponse:
    found = queries.certificate(request.place.actor, certificate)
    wanted = request.POST.get("wanted") == "yes"
    reissuing.set_auto_reissue(request.place.actor, found, wanted, at=request.at)
    said = _("It is reissued by itself from now on.") if wanted else _("It is no longer reissued by itself.")
    return done(request, said, "certificate", certificate)


@customer_page("GET", "POST")
def combine(request: PlaceRequest) -> HttpResponse:
    """One certificate instead of several: choose, read what it means, confirm (R9, D4)."""
    actor, given = request.place.actor, request.POST if request.method == "POST" else request.GET
    chosen = given.getlist("certificate")[:MOST_COMBINED]
    content: dict[str, Any] = {"chosen": chosen, "offered": _combinable(request)}
    if not chosen:
        return render(request, "console/combine.html", content)
    certificates = [queries.certificate(actor, one) for one in chosen]
    content["certificates"] = certificates
    try:
        if request.method == "POST":
            made = combining.confirm_combination(
                actor, certificates, request.POST.get("confirmation", ""), at=request.at
            )
            return done(request, _("They are one certificate now."), "certificate", made.public_id)
        content["kind"], content["warned"] = combining.prepare_combination(actor, certificates, at=request.at)
    except Refusal as refusal:
        if request.method == "POST":
            return refused(request, refusal)
        return answer(request, "console/combine.html", content, refusal)
    return render(request, "console/combine.html", content)


def _combinable(request: PlaceRequest) -> Any:
    waiting = queries.certificates(request.place.actor, state=CertificateState.PENDING_APPLICATION)
    return waiting.order_by("-id")[:MOST_COMBINED]
