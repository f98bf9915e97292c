"""Enable: what the CA is to be called, its key, how long, for which names, and how revocation is told."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.deeds import enabling as parameters_of
from hanaper.apps.private_ca.services.deeds import requesting
from hanaper.apps.private_ca.settings import DEFAULT_ALGORITHM, DEFAULT_YEARS, CaSettings, read_settings
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from hanaper.faces.console.amounts import number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.faces.console.private_ca.ceremonies import takes_two, together

SUBJECT = ("common_name", "organization", "country", "state", "locality")
SIDES = ("permitted", "excluded")
KINDS = ("dns", "ip", "email", "uri")
MOST_ROOTS = 200
ELSEWHERE = "elsewhere"  # in place of a root: signed by a CA that is not here
# Which to choose, in plain words; the first of each kind of CA is its default.
ADVICE: tuple[tuple[KeyAlgorithm, str | Promise], ...] = (
    (KeyAlgorithm.EC_P384, gettext_lazy("Strong and small; understood by everything of the last ten years.")),
    (KeyAlgorithm.EC_P256, gettext_lazy("The fastest; right for nearly every intermediate.")),
    (KeyAlgorithm.RSA_4096, gettext_lazy("For very old clients; slow to sign, large certificates.")),
    (KeyAlgorithm.RSA_3072, gettext_lazy("For old clients, as strong as ECDSA P-256.")),
    (KeyAlgorithm.RSA_2048, gettext_lazy("For the oldest clients only; too short beyond 2030.")),
    (KeyAlgorithm.ED25519, gettext_lazy("Small and fast; browsers and Windows do not accept it.")),
    (KeyAlgorithm.ML_DSA_65, gettext_lazy("Safe against quantum computers; few clients know it yet.")),
    (KeyAlgorithm.ML_DSA_44, gettext_lazy("As ML-DSA-65, smaller and a little weaker.")),
    (KeyAlgorithm.ML_DSA_87, gettext_lazy("As ML-DSA-65, larger and stronger.")),
)  # fmt: skip
# The fields of the form, where a fault may stand.
FIELDS = (
    *(f"subject.{name}" for name in SUBJECT),
    *(f"name_constraints.{side}.{kind}" for side in SIDES for kind in KINDS),
)
ADVANCED = ("name_constraints", "shards", "list_days")


@customer_page("GET", "POST")
def enable(request: PlaceRequest, ca: str) -> HttpResponse:
    """Make its key and its certificate; what was typed is kept, right or wrong."""
    found = queries.private_ca(request.place.actor, ca)
    content = _content(request, found)
    if request.method != "POST":
        return render(request, "console/private_ca/enable.html", content)
    try:
        if request.POST.get("parent") == ELSEWHERE:
            return _begin_outside(request, found)
        proposed = _enable(request, found)
    except Refusal as refusal:
        content["open"] = any(one.field.startswith(ADVANCED) for one in _faults(refusal))
        return answer(request, "console/private_ca/enable.html", content, refusal, fields=FIELDS)
    return proposed or done(request, _("The private CA is enabled."), "private-ca", ca)


def _enable(request: PlaceRequest, ca: PrivateCA) -> HttpResponse | None:
    """The answer if it was proposed only."""
    actor, given, named = request.place.actor, settings_of(request.POST), request.POST.get("parent", "")
    parent = queries.private_ca(actor, named) if named else None
    return together(
        request,
        ca,
        Operation.ENABLE,
        lambda: services.enable_ca(actor, ca, given, parent=parent, at=request.at),
        lambda: parameters_of(given, parent),
    )


def _begin_outside(request: PlaceRequest, ca: PrivateCA) -> HttpResponse:
    """Its key and a request; enabled is it once the signed certificate has come."""
    actor, given = request.place.actor, settings_of(request.POST)
    proposed = together(
        request,
        ca,
        Operation.REQUEST,
        lambda: services.begin_outside(actor, ca, given, at=request.at),
        lambda: requesting(given),
    )
    said = _("The request is made; have it signed, then bring the certificate.")
    return proposed or done(request, said, "ca-lifecycle", ca.public_id)


def _faults(refusal: Refusal) -> Any:
    return refusal.faults if isinstance(refusal, InvalidInput) else ()


def _content(request: PlaceRequest, ca: PrivateCA) -> dict[str, Any]:
    kind = PrivateCaKind(ca.kind)
    is_root = kind is PrivateCaKind.ROOT
    roots = queries.private_cas(request.place.actor, state=PrivateCaState.ENABLED, kind=PrivateCaKind.ROOT)
    given: Any = request.POST
    if request.method != "POST":
        given = {
            "organization": ca.account.name[:64],
            "common_name": f"{ca.account.name[:50]} {_('Root CA') if is_root else _('Issuing CA')}",
            "years": str(DEFAULT_YEARS[kind]),
            "algorithm": DEFAULT_ALGORITHM[kind].value,
            "list_days": "7",
            "shards": "1",
            "ocsp": "yes",
        }
    default = DEFAULT_ALGORITHM[kind]
    return {
        "ca": ca,
        "is_root": is_root,
        "given": given,
        "subject": SUBJECT,
        "roots": [] if is_root or ca.parent else list(roots.order_by("-created_at")[:MOST_ROOTS]),
        "root_first": not is_root and ca.parent is not None and ca.parent.state != PrivateCaState.ENABLED,
        "advice": sorted(ADVICE, key=lambda pair: pair[0] is not default),
        "default": default,
        "elsewhere": ELSEWHERE,
        "takes_two": takes_two(ca),
        "constraints": [
            (side, [(kind, f"{side}-{kind}", given.get(f"{side}-{kind}", "")) for kind in KINDS])
            for side in SIDES
        ],
        "tab": "private-cas",
    }


def settings_of(given: Any) -> CaSettings:
    """The form as what the service takes; a blank field is left out. InvalidInput with every fault, where a
    number is none."""
    faults: list[Fault] = []
    algorithm = given.get("algorithm", "")
    if algorithm and algorithm not in list(KeyAlgorithm):
        raise InvalidInput("Choose one of the list.", field="algorithm")
    subject = {name: given.get(name, "").strip() or None for name in SUBJECT}
    made = CaSettings(
        subject=Subject(**subject),
        algorithm=KeyAlgorithm(algorithm) if algorithm else None,
        years=_number(given, "years", None, faults),
        name=given.get("name", "").strip(),
        ocsp=given.get("ocsp") == "yes",
        delta=given.get("delta") == "yes",
        shards=_number(given, "shards", 1, faults) or 0,
        list_days=_number(given, "list_days", 7, faults) or 0,
        name_constraints={
            side: {kind: given.get(f"{side}-{kind}", "").replace(",", " ").split() for kind in KINDS}
            for side in SIDES
        },
    )
    if faults:
        try:
            read_settings(made)
        except InvalidInput as others:
            faults += others.faults
        raise InvalidInput("The private CA cannot be enabled like this.", faults=faults)
    return made


def _number(given: Any, field: str, otherwise: int | None, faults: list[Fault]) -> int | None:
    try:
        found = number_of(given.get(field, ""), field)
    except InvalidInput as refusal:
        faults += refusal.faults
        return otherwise
    return otherwise if found is None else found
