"""A private CA over the years: keys and certificates; renewed, cross-signed, signed elsewhere, revoked."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hanaper.apps.catalog import queries as catalogue
from hanaper.apps.catalog.models import Voucher
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.generations import ca_certificates, generations, revocable, revoked_at
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.deeds import completing, crossing, renewing, requesting_again
from hanaper.apps.private_ca.services.prolonging import AHEAD
from hanaper.apps.private_ca.settings import DEFAULT_YEARS
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.faces.console.amounts import number_of
from hanaper.faces.console.exporting import file_answer
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done, go, shared_page
from hanaper.faces.console.private_ca.ceremonies import takes_two, together
from hanaper.faces.console.private_ca.reading import file_name

MOST_ROOTS = 200
MOST_VOUCHERS = 20
TAB = {"tab": "private-cas"}


@shared_page()
def lifecycle(request: PlaceRequest, ca: str) -> HttpResponse:
    return _shown(request, queries.private_ca(request.place.actor, ca))


def _shown(request: PlaceRequest, ca: PrivateCA, refusal: Refusal | None = None) -> HttpResponse:
    enabled = ca.state == PrivateCaState.ENABLED
    running = ca.state in (PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED)
    content = {
        "ca": ca,
        "enabled": enabled,
        "outside": ca.authority is not None and ca.authority.outside,
        "revoked_at": revoked_at(ca),
        "revocable": revocable(ca),
        "generations": generations(ca),
        "certificates": ca_certificates(ca),
        "roots": _roots_beside(request, ca) if enabled else [],
        "algorithms": list(KeyAlgorithm),
        "default_years": DEFAULT_YEARS[PrivateCaKind(ca.kind)],
        "takes_two": takes_two(ca),
        "prolonged_from": ca.term_ends_at - AHEAD if running and ca.term_ends_at > request.at else None,
        "vouchers": _vouchers(request) if running else [],
        "chosen_vouchers": request.POST.getlist("voucher"),
        "given": request.POST,
        **TAB,
    }
    return answer(request, "console/private_ca/lifecycle.html", content, refusal)


def _vouchers(request: PlaceRequest) -> list[Voucher]:
    """With which the renewal of the subscription can be paid; what ends first stands first."""
    if not request.place.may_write:
        return []
    good = catalogue.vouchers(request.place.actor).filter(
        balance__gt=0, expires_at__gt=request.at, withdrawn_at=None
    )
    return list(good.order_by("expires_at")[:MOST_VOUCHERS])


def _roots_beside(request: PlaceRequest, ca: PrivateCA) -> list[PrivateCA]:
    """Those that may cross-sign it."""
    found = queries.private_cas(request.place.actor, state=PrivateCaState.ENABLED, kind=PrivateCaKind.ROOT)
    beside = found.filter(account=ca.account).exclude(pk__in=[ca.pk, ca.parent_id or ca.pk])
    return list(beside.order_by("-created_at", "-pk")[:MOST_ROOTS])


def _deed(act: Callable[[PlaceRequest, PrivateCA], HttpResponse]) -> Callable[..., HttpResponse]:
    """A form of that page; what was wrong with it is said there."""

    @customer_page("POST")
    def view(request: PlaceRequest, ca: str) -> HttpResponse:
        found = queries.private_ca(request.place.actor, ca)
        try:
            return act(request, found)
        except InvalidInput as refusal:
            return _shown(request, found, refusal)

    return view


def _said(request: PlaceRequest, ca: PrivateCA, message: str) -> HttpResponse:
    return done(request, message, "ca-lifecycle", ca.public_id)


def _algorithm(given: Mapping[str, str]) -> KeyAlgorithm | None:
    wanted = given.get("algorithm", "")
    if wanted and wanted not in list(KeyAlgorithm):
        raise InvalidInput("Choose one of the list.", field="algorithm")
    return KeyAlgorithm(wanted) if wanted else None


def _renew(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    actor, given = request.place.actor, request.POST
    new_key = given.get("new_key") == "yes"
    algorithm = _algorithm(given) if new_key else None
    if ca.authority is not None and ca.authority.outside:
        asked = together(
            request,
            ca,
            Operation.REQUEST,
            lambda: services.renew_outside(actor, ca, new_key=new_key, algorithm=algorithm, at=request.at),
            lambda: requesting_again(new_key=new_key, algorithm=algorithm),
        )
        return asked or _said(
            request, ca, _("The request is made; have it signed, then bring the certificate.")
        )
    wanted = services.Renewal(new_key, number_of(given.get("years", ""), "years"), algorithm)
    proposed = together(
        request,
        ca,
        Operation.RENEW,
        lambda: services.renew_ca(actor, ca, wanted, at=request.at),
        lambda: renewing(wanted),
    )
    return proposed or _said(request, ca, _("The private CA is renewed."))


def _cross_sign(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    named = request.POST.get("by", "")
    if not named:
        raise InvalidInput("Choose one of the list.", field="by")
    actor, by = request.place.actor, queries.private_ca(request.place.actor, named)
    proposed = together(
        request,
        ca,
        Operation.CROSS_SIGN,
        lambda: services.cross_sign(actor, ca, by, at=request.at),
        lambda: crossing(by),
    )
    return proposed or _said(request, ca, _("The other root has certified its key."))


def _complete(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    actor, chain = request.place.actor, request.POST.get("chain", "")
    proposed = together(
        request,
        ca,
        Operation.COMPLETE,
        lambda: services.complete_outside(actor, ca, chain, at=request.at),
        lambda: completing(chain),
    )
    said = _("The signed certificate is taken: the private CA issues with it.")
    return proposed or done(request, said, "private-ca", ca.public_id)


def _withdraw(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    services.withdraw_outside(request.place.actor, ca, at=request.at)
    return _said(request, ca, _("The request is given up; a key that was made for it is destroyed."))


def _renew_subscription(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    """An order that prolongs the term (R14)."""
    made = services.renew_subscription(
        request.place.actor,
        ca,
        coupon_code=request.POST.get("coupon", "").strip(),
        voucher_ids=request.POST.getlist("voucher"),
        at=request.at,
    )
    return go(request, "order", made.public_id)


renew_ca = _deed(_renew)
cross_sign = _deed(_cross_sign)
complete_outside = _deed(_complete)
withdraw_outside = _deed(_withdraw)
renew_subscription = _deed(_renew_subscription)


@shared_page()
def outside_request(request: PlaceRequest, ca: str) -> HttpResponse:
    """The request that is out, as a file for whoever signs it."""
    found = queries.private_ca(request.place.actor, ca)
    content = services.request_pem(found).encode()
    return file_answer(content, f"{file_name(found)}.csr", "application/pkcs10")


@shared_page("GET", "POST")
def revoke_ca(request: PlaceRequest, ca: str) -> HttpResponse:
    """For good, in two steps; with `certificate`, a link or cross-sign alone. By administrators for cause."""
    place = request.place
    if place.account is None and not place.administers:
        raise NotFound("There is no such page.")
    found = queries.private_ca(place.actor, ca)
    given = request.POST if request.method == "POST" else request.GET
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            _revoke(request, found)
        except InvalidInput as refusal:
            refused = refusal
        else:
            return done(request, _("It is revoked."), "ca-lifecycle", ca)
    content: dict[str, Any] = {
        "ca": found,
        "certificate": given.get("certificate", ""),
        "reason": given.get("reason", ""),
        "reasons": services.CA_REASONS,
        **TAB,
    }
    if place.may_write or place.administers:
        content["warned"] = services.prepare_revocation(
            place.actor, found, certificate=content["certificate"]
        )
    return answer(request, "console/private_ca/revoke_ca.html", content, refused)


def _revoke(request: PlaceRequest, ca: PrivateCA) -> None:
    given = request.POST
    reason = given.get("reason", "")
    if reason not in list(services.CA_REASONS):
        raise InvalidInput("Choose one of the list.", field="reason")
    services.revoke_ca(
        request.place.actor,
        ca,
        RevocationReason(reason),
        confirmation=given.get("confirmation", ""),
        certificate=given.get("certificate", ""),
        at=request.at,
    )
