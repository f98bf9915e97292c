"""What private CAs issued: the list, a certificate's page, and its files."""

from datetime import timedelta
from typing import Any

from cryptography import x509
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from hanaper.apps.audit import queries as audit
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import KeyForm, Part
from hanaper.apps.private_ca.services.revoking import reasons_for
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.apps.private_ca.templates import own_templates
from hanaper.core.errors import NotFound, Refusal
from hanaper.core.private_ca.templates import BUILT_IN
from hanaper.faces.console.chain import links
from hanaper.faces.console.exporting import csv_answer, file_answer
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, shared_page
from hanaper.faces.console.private_ca.reading import names_of, plain
from hanaper.faces.console.snippets import CLIENT_SNIPPETS, SNIPPETS
from hanaper.faces.console.timeline import deeds
from hanaper.storage.paging import page

FILTERS = ("search", "ca", "state", "template", "expires", "account")
EXPIRES = ("7", "30", "60", "90")  # days
COLUMNS = (
    "certificate", "state", "ca", "template", "common_name", "names", "key", "serial", "not_before",
    "not_after", "revoked_at", "reason",
)  # fmt: skip
PARTS = (
    (Part.FULL_CHAIN.value, gettext_lazy("Full chain")),
    (Part.LEAF.value, gettext_lazy("Certificate")),
    (Part.CHAIN.value, gettext_lazy("Chain")),
    (Part.ROOT.value, gettext_lazy("Root")),
)
MOST_CAS = 100  # to choose from
State = PrivateCertificateState


@shared_page()
def private_certificates(request: PlaceRequest) -> HttpResponse:
    # What ends soon is listed by when it ends.
    sort = "not_after" if request.GET.get("expires") in EXPIRES else "-id"
    listed = page(_wanted(request), sort=sort, cursor=request.GET.get("cursor"))
    actor = request.place.actor
    own = own_templates(actor, request.account) if request.place.account else []
    wanted = {name: request.GET.get(name, "").strip() for name in FILTERS}
    content = {
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "states": list(State),
        "expires": EXPIRES,
        "templates": [*BUILT_IN, *(one.name for one in own)],
        "cas": _cas(request) if request.place.account else [],
        "wanted": wanted,
        "filtered": any(wanted.values()),
        "tab": "private-certificates",
    }
    return render(request, "console/private_ca/certificates.html", content)


@shared_page()
def as_csv(request: PlaceRequest) -> HttpResponse:
    rows = (
        (
            row.public_id, row.state, row.ca.public_id, row.template, row.subject.get("common_name", ""),
            " ".join(names_of(row)), row.key_algorithm, row.serial, row.not_before, row.not_after,
            row.revoked_at, row.reason,
        )
        for row in _wanted(request).order_by("-id").iterator(500)
    )  # fmt: skip
    return csv_answer("private-certificates", COLUMNS, rows)


def _wanted(request: PlaceRequest) -> Any:
    asked: dict[str, Any] = {
        name: request.GET.get(name, "").strip() for name in ("search", "state", "template")
    }
    days, ca = request.GET.get("expires"), request.GET.get("ca", "").strip()
    if days in EXPIRES:
        asked["expiring_before"] = request.at + timedelta(days=int(days))
        asked["state"] = asked["state"] or State.ISSUED
    if ca:
        asked["ca"] = queries.private_ca(request.place.actor, ca)
    found = queries.certificates(request.place.actor, **asked)
    if days in EXPIRES:
        found = found.filter(not_after__gt=request.at)
    account = request.GET.get("account", "").strip()
    return found.filter(account__public_id=account) if account and request.place.account is None else found


def _cas(request: PlaceRequest) -> Any:
    named = queries.private_cas(request.place.actor, kind="intermediate").exclude(name="")
    return named.order_by("name", "pk")[:MOST_CAS]


@shared_page()
def private_certificate(request: PlaceRequest, certificate: str) -> HttpResponse:
    return shown(request, certificate)


def shown(request: PlaceRequest, certificate: str, refusal: Refusal | None = None) -> HttpResponse:
    found = queries.certificate(request.place.actor, certificate)
    state, chain = State(found.state), _chain(found)
    signed = bool(chain)
    content = {
        "certificate": found,
        "ca": found.ca,
        "names": [
            (kind, found.names[kind]) for kind in ("dns", "ip", "email", "uri") if found.names.get(kind)
        ],
        "chain": links(chain),
        "crl": _distribution_point(chain[0]) if signed else "",
        "renewed_by": found.renewed_by.order_by("pk")[:20],
        "over": found.not_after <= request.at,
        "revocable": bool(reasons_for(found)),
        "parts": PARTS,
        "snippets": _snippets(found) if signed and state is State.ISSUED else [],
        "timeline": deeds(audit.of_thing(found.public_id), request.place),
        "moving": state is State.ISSUING,
        "tab": "private-certificates",
    }
    return answer(request, "console/private_ca/certificate.html", content, refusal)


def _chain(certificate: PrivateCertificate) -> list[bytes]:
    """DER, itself first; empty before it is signed, and once a reset has deleted it."""
    if not certificate.fingerprint:
        return []
    try:
        return [services.issued_der(certificate), *services.chain_above(certificate)]
    except Refusal:
        return []


def _distribution_point(der: bytes) -> str:
    """Where this certificate says that its list is."""
    extensions = x509.load_der_x509_certificate(der).extensions
    try:
        points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ""
    return str(next(iter(points[0].full_name or ())).value)


def _snippets(certificate: PrivateCertificate) -> list[tuple[str, str]]:
    """For what its template is good for; a template of the account's own gets those of both sides."""
    template = BUILT_IN.get(certificate.template)
    uses = template.uses if template else ("serverAuth", "clientAuth")
    name = file_name(certificate)
    domain = next(iter(certificate.names.get("dns", ())), "example.com")
    wanted = (*(SNIPPETS if "serverAuth" in uses else ()), *(CLIENT_SNIPPETS if "clientAuth" in uses else ()))
    return [(str(one.server), one.filled(domain, name)) for one in wanted]


def file_name(certificate: PrivateCertificate) -> str:
    first = [*names_of(certificate), certificate.subject.get("common_name", "")][0]
    return plain(first) or certificate.public_id


@shared_page()
def download(request: PlaceRequest, certificate: str, part: str) -> HttpResponse:
    if part not in list(Part):
        raise NotFound("There is no such part.")
    found = queries.certificate(request.place.actor, certificate)
    name = f"{file_name(found)}-{part.replace('_', '-')}.pem"
    return file_answer(services.download(found, Part(part)).encode(), name, "application/x-pem-file")


KEY_FILES = {
    KeyForm.PKCS8: ("key", "application/x-pem-file"),
    KeyForm.PKCS12: ("p12", "application/x-pkcs12"),
    KeyForm.JKS: ("jks", "application/x-java-keystore"),
}


@customer_page("POST")
def export_key(request: PlaceRequest, certificate: str) -> HttpResponse:
    """The private key that was made here, under a passphrase."""
    found = queries.certificate(request.place.actor, certificate)
    wanted = request.POST.get("format", "")
    form = KeyForm(wanted) if wanted in set(KeyForm) else KeyForm.PKCS8
    passphrase = request.POST.get("passphrase", "")
    try:
        content = services.export_key(
            request.place.actor, found, passphrase=passphrase, form=form, at=request.at
        )
    except Refusal as refusal:
        return shown(request, certificate, refusal)
    ending, kind = KEY_FILES[form]
    return file_answer(content, f"{file_name(found)}.{ending}", kind)
