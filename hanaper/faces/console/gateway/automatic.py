"""A certificate that comes by itself, as a choice beside those that are there."""

from collections.abc import Mapping
from dataclasses import dataclass

from hanaper.apps.certificates import queries as certificates
from hanaper.apps.certificates.models.people import Contact
from hanaper.apps.gateway import queries
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.services import Automatic
from hanaper.apps.private_ca.templates import own_templates
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.gateway.supply import KEYS, QUOTA, Offer, ShownBy
from hanaper.core.private_ca.templates import BUILT_IN, Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.faces.console.places import PlaceRequest

PREFIX = "automatic:"
MOST = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """`taken`: of the quota, what would be taken first; `left`: how many units fit; `cas`: that issue;
    `templates`: of theirs, those that are for servers; `keys`: kinds of keys."""

    taken: Offer | None
    left: int
    cas: list[Offer]
    contacts: list[Contact]
    templates: list[str]
    keys: tuple[KeyAlgorithm, ...] = KEYS


def choices(request: PlaceRequest, gateway: GatewayInstance) -> Choices:
    offers = queries.offers(gateway, request.at)
    quota = [one for one in offers if one.source == QUOTA]
    return Choices(
        taken=quota[0] if quota else None,
        left=sum(one.left for one in quota),
        cas=[one for one in offers if one.source != QUOTA],
        contacts=list(certificates.contacts(request.place.actor).order_by("pk")[:MOST]),
        templates=_for_servers(request, gateway),
    )


def _for_servers(request: PlaceRequest, gateway: GatewayInstance) -> list[str]:
    rows = own_templates(request.place.actor, gateway.account)
    own = {one.name: Template.model_validate(one.rules) for one in rows}
    return [name for name, one in {**BUILT_IN, **own}.items() if "serverAuth" in one.uses and one.dns.allowed]


def read(given: Mapping[str, str]) -> tuple[str, Automatic | None]:
    """The certificate that was chosen, or how one is to come by itself."""
    chosen = given.get("certificate", "")
    if not chosen.startswith(PREFIX):
        return chosen, None
    source = chosen.removeprefix(PREFIX)
    shown_by = ShownBy.DNS if given.get("shown_by") == ShownBy.DNS else ShownBy.GATEWAY
    key = given.get("key_algorithm")
    return "", Automatic(
        source=source,
        shown_by=shown_by,
        contact=given.get("contact", "") if source == QUOTA else "",
        renews="renews" in given,
        template=given.get("template", "") if source != QUOTA else "",
        key_algorithm=KeyAlgorithm(key) if key in list(KeyAlgorithm) else None,
    )


def at_choice(refusal: Refusal) -> Refusal:
    """The refusal, at the choice that it is about."""
    if isinstance(refusal, InvalidInput) and refusal.field not in ("source", None):
        return refusal
    if isinstance(refusal, NotFound) or refusal.code in CHOSEN or isinstance(refusal, InvalidInput):
        return InvalidInput(
            refusal.message, code=refusal.code, field="certificate", next_steps=refusal.next_steps
        )
    return refusal


CHOSEN = ("no_quota", "not_issuing", "not_enabled", "term_ended", "only_intermediates_issue", "quota_used_up")
