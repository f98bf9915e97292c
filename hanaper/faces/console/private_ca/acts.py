"""What is done to a private certificate: hold, release, revoke. Each asks once more."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.apps.certificates.queries import of_key
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.in_use import told_of_its_sites
from hanaper.apps.private_ca.services.revoking import reasons_for
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.core.errors import InvalidInput
from hanaper.core.x509.crl import RevocationReason
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done

Words = str | Promise
NAMED = 20


def _noted(
    service: Callable[..., object], title: Words, note: Words, said: Words
) -> Callable[..., HttpResponse]:
    @customer_page("GET", "POST")
    def view(request: PlaceRequest, certificate: str) -> HttpResponse:
        found = queries.certificate(request.place.actor, certificate)
        if request.method == "POST":
            service(request.place.actor, found, at=request.at)
            return done(request, str(said), "private-certificate", certificate)
        content = {"certificate": found, "title": title, "note": note, "tab": "private-certificates"}
        return render(request, "console/private_ca/note.html", content)

    return view


hold = _noted(
    services.hold,
    gettext_lazy("Put on hold"),
    gettext_lazy("Clients refuse it from their next look at the list on, until it is released."),
    gettext_lazy("The certificate is on hold, and on the revocation list."),
)
release = _noted(
    services.release,
    gettext_lazy("Release"),
    gettext_lazy("It leaves the revocation list, and clients accept it again."),
    gettext_lazy("The certificate is good again."),
)


@customer_page("GET", "POST")
def revoke(request: PlaceRequest, certificate: str) -> HttpResponse:
    """For good: the warning with the reasons, then OK."""
    found = queries.certificate(request.place.actor, certificate)
    others = queries.with_same_key(found, at=request.at)
    content = {
        "certificate": found,
        "same_key": others[:NAMED],
        "ssl_same_key": of_key(request.place.actor, found.account_id, found.key_fingerprint)[:NAMED],
        "same_key_more": max(len(others) - NAMED, 0),
        "same_key_chosen": request.POST.get("same_key") == "yes",
        "title": _("Revoke"),
        "note": _(
            "Clients refuse it from their next look at the list on."
            " This cannot be undone; the quota is not given back."
        ),
        "sites": told_of_its_sites(found),
        "reasons": reasons_for(found) or services.REASONS,
        "danger": True,
        "tab": "private-certificates",
    }
    if request.method != "POST":
        return render(request, "console/private_ca/note.html", content)
    reason = request.POST.get("reason", "")
    if reason not in services.REASONS:
        refusal = InvalidInput("Choose one of the list.", field="reason")
        return answer(request, "console/private_ca/note.html", content, refusal)
    try:
        revoked = services.revoke_with_key(
            request.place.actor,
            found,
            RevocationReason(reason),
            same_key=bool(content["same_key_chosen"]),
            at=request.at,
        )
    except InvalidInput as refusal:
        return answer(request, "console/private_ca/note.html", content, refusal)
    return done(request, _said(revoked), "private-certificate", certificate)


def _said(revoked: services.Revoked) -> str:
    left = [one.public_id for one in revoked.same_key if one.state != PrivateCertificateState.REVOKED]
    if left:
        named = ", ".join(left[:NAMED]) + (", ..." if len(left) > NAMED else "")
        return _("The certificate is revoked. These of the same key are not: %(names)s.") % {"names": named}
    if revoked.same_key:
        return _("The certificate is revoked, and with it the others of its key.")
    return _("The certificate is revoked.")
