"""Issuing by template: choose a CA, then a template, then say for whom; renewing what was issued."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.states import PrivateCertificateState
from hanaper.apps.private_ca.templates import own_templates, template_named
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.requests import DEFAULT_KEY
from hanaper.core.private_ca.templates import BUILT_IN, Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from hanaper.faces.console.amounts import number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done, go
from hanaper.faces.console.private_ca.cas import issuing_cas
from hanaper.faces.console.private_ca.reading import described

KINDS = ("dns", "ip", "email", "uri")
FIELDS = (
    *(f"names.{kind}" for kind in KINDS),
    *(f"subject.{name}" for name in ("common_name", "organization", "country", "state", "locality")),
    "subject.registration_number",
)


@customer_page()
def choose(request: PlaceRequest) -> HttpResponse:
    """Which CA is to issue; where there is only one, it does."""
    found = issuing_cas(request)
    if len(found) == 1:
        return go(request, "issue-private-certificate", found[0].public_id)
    content = {"cas": found, "tab": "private-certificates"}
    return render(request, "console/private_ca/choose_ca.html", content)


@customer_page("GET", "POST")
def issue(request: PlaceRequest, ca: str) -> HttpResponse:
    """Without a template the choice of them; with one its form."""
    found = queries.private_ca(request.place.actor, ca)
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("template", "")
    own = own_templates(request.place.actor, request.account)
    templates = [*BUILT_IN.items(), *((one.name, Template.model_validate(one.rules)) for one in own)]
    content: dict[str, Any] = {
        "ca": found,
        "templates": [(key, one, described(one)) for key, one in templates],
        "tab": "private-certificates",
    }
    if name not in dict(templates):
        refusal = InvalidInput("Choose one of the list.", field="template") if name else None
        return answer(request, "console/private_ca/choose_template.html", content, refusal)
    content |= _form(name, template_named(request.account, name), given)
    if request.method != "POST":
        return render(request, "console/private_ca/issue.html", content)
    try:
        made = services.issue(request.place.actor, found, _request(request.POST), at=request.at)
    except Refusal as refusal:
        told = _at_csr(refusal, request.POST)
        return answer(request, "console/private_ca/issue.html", content, told, fields=FIELDS)
    return done(request, _("The certificate is issued."), "private-certificate", made.public_id)


def _form(name: str, template: Template, given: Any) -> dict[str, Any]:
    subject = template.subject
    fillable = [one for one in subject.allowed if one not in subject.fixed]
    return {
        "name": name,
        "template": template,
        "words": described(template),
        "given": given,
        "subject": [(one, f"subject.{one}", one in subject.required, given.get(one, "")) for one in fillable],
        "fixed": list(subject.fixed.items()),
        "kinds": [
            (kind, f"names.{kind}", getattr(template, kind).required, given.get(kind, ""))
            for kind in KINDS
            if getattr(template, kind).allowed
        ],
        "algorithms": template.keys or tuple(KeyAlgorithm),
        "algorithm": given.get("key_algorithm") or _first_key(template),
        "with_csr": bool(given.get("csr", "").strip()),
    }


def _first_key(template: Template) -> str:
    keys = template.keys
    return DEFAULT_KEY.value if not keys or DEFAULT_KEY in keys else keys[0].value


def _request(given: Any) -> services.Request:
    """What the form leaves blank is taken from the CSR, if there is one."""
    csr = given.get("csr", "").strip() or None
    fields = {name: given.get(name, "").strip() or None for name in _subject_fields()}
    names = {kind: given.get(kind, "").replace(",", " ").split() for kind in KINDS}
    nothing = given.get("no_subject") == "yes"
    if nothing and any(fields.values()):
        message = "Leave this out, or the fields of the subject."
        raise InvalidInput(message, field="no_subject", code="subject_given")
    algorithm = given.get("key_algorithm", "")
    if csr is None and algorithm and algorithm not in list(KeyAlgorithm):
        raise InvalidInput("Choose one of the list.", field="key_algorithm")
    return services.Request(
        template=given.get("template", ""),
        subject=Subject(**fields) if csr is None or nothing or any(fields.values()) else None,
        names=names if csr is None or any(names.values()) else None,
        csr=csr,
        key_algorithm=KeyAlgorithm(algorithm) if csr is None and algorithm else None,
        days=number_of(given.get("days", ""), "days"),
    )


def _at_csr(refusal: Refusal, given: Any) -> Refusal:
    """What a CSR brought is wrong there: what the template does not take has no field of its own here."""
    if not isinstance(refusal, InvalidInput) or not given.get("csr", "").strip():
        return refusal
    given_here = (("subject", _subject_fields()), ("names", KINDS))
    brought = [part for part, names in given_here if not any(given.get(name, "").strip() for name in names)]
    faults = [
        replace(fault, field="csr") if fault.field.split(".")[0] in brought else fault
        for fault in refusal.faults
    ]
    steps = list(refusal.next_steps)
    if any(fault.field.startswith("subject.") for fault in refusal.faults):
        steps = [
            _("Tick the box below the CSR, and its subject is left out."),
            _("Or fill in the subject here, which takes its place."),
            _("Or choose another template, or make another CSR."),
        ]
    return InvalidInput(refusal.message, code=refusal.code, faults=faults, next_steps=steps)


def _subject_fields() -> tuple[str, ...]:
    return tuple(one.removeprefix("subject.") for one in FIELDS if one.startswith("subject."))


@customer_page("GET", "POST")
def renew(request: PlaceRequest, certificate: str) -> HttpResponse:
    """Another one with the same names, for a new key or the one of a CSR."""
    found = queries.certificate(request.place.actor, certificate)
    content: dict[str, Any] = {"certificate": found, "given": request.POST, "tab": "private-certificates"}
    if request.method != "POST":
        return render(request, "console/private_ca/renew.html", content)
    try:
        made = services.renew(
            request.place.actor,
            found,
            csr=request.POST.get("csr", "").strip() or None,
            key_here=request.POST.get("key_here") == "yes",
            days=number_of(request.POST.get("days", ""), "days"),
            at=request.at,
        )
    except Refusal as refusal:
        return answer(request, "console/private_ca/renew.html", content, refusal)
    said = _("The new certificate is issued.")
    if found.state == PrivateCertificateState.ISSUED and found.not_after > request.at:
        said = _("The new certificate is issued; the one before stays good until it ends.")
    return done(request, said, "private-certificate", made.public_id)
