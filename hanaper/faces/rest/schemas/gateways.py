"""Gateway instances as REST shows them, and the certificate that comes by itself."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from pydantic import Field, PlainValidator

from hanaper.apps.gateway import queries
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.problems import Told, problem
from hanaper.apps.gateway.states import BEING_RESET, LABELS, WISH_LABELS, GatewayState, WishState
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.supply import QUOTA, ShownBy
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.faces.rest.body import Body


class AutomaticIn(Body):
    source: str = Field(
        QUOTA,
        max_length=40,
        description="quota: a unit of the account's unused SSL quota is taken and applied for,"
        " so that its order is not unused any more. pca_...: that private CA issues.",
    )
    shown_by: ShownBy = Field(
        ShownBy.GATEWAY,
        description="How control is shown: gateway, by the nodes once the domain leads to them; dns, by a"
        " record that you set, which may be before.",
    )
    contact: str = Field("", max_length=40, description="con_...; by default the account's first.")
    template: str = Field(
        "",
        max_length=40,
        description="Of a private CA, one that is for servers; by default server.",
    )
    key_algorithm: KeyAlgorithm | None = Field(
        None,
        description="Of RSA or ECDSA; by default ec-p256, or else the first that the template takes. What is"
        " served is had anew where it has another: from quota it is reissued, which costs nothing.",
    )
    renews: bool = Field(True, description="Whether the next one may be had, too, at what that costs.")


# To programs it is a Behaviour; what is wrong with one is said by whoever keeps it.
Behaving = Annotated[Any, PlainValidator(lambda given: given, json_schema_input_type=Behaviour)]


class RecordOut(ninja.Schema):
    name: str
    value: str


class AutomaticOut(ninja.Schema):
    source: str
    shown_by: ShownBy
    contact: str | None
    template: str | None = Field(description="null: the one for servers.")
    key_algorithm: KeyAlgorithm | None = Field(description="null: the usual one.")
    renews: bool
    state: WishState
    state_label: str
    certificate: str | None = Field(description="What was taken, or issued.")
    code: str | None = Field(description="Why there is none yet, such as waiting_for_dns or no_quota.")
    message: str | None
    next_steps: list[str]
    records: list[RecordOut] = Field(description="TXT records that you are to set.")
    asked_at: datetime
    ends_at: datetime | None = Field(description="Of what is served, if none follows by itself.")
    next_try_at: datetime | None


class ProblemOut(ninja.Schema):
    code: str = Field(
        description="certificate_revoked: browsers that check refuse what is served; served_for_another: the"
        " domain leads here, and another instance keeps it; site_left_out: the gateway cannot serve the site"
        " as it is; origin_fails: every second visitor or more gets no answer of the origin; reset_waits:"
        " nodes have not yet said what they counted."
    )
    message: str
    next_steps: list[str]
    nodes: int | None = Field(description="At how many of the nodes; null where it is none of theirs.")
    since: datetime


class GatewayOut(ninja.Schema):
    id: str
    order: str
    state: GatewayState
    state_label: str
    problem: ProblemOut | None = Field(description="Why it is not served as its owner wants it.")
    domain: str | None
    cname: str | None = Field(description="What the domain's owner sets as CNAME.")
    certificate: str | None
    automatic: AutomaticOut | None = Field(description="The certificate that comes by itself, if it does.")
    term_months: int
    term_ends_at: datetime
    grcq_included: int
    grcq_used: int
    visits: int
    bytes_out: int
    created_at: datetime
    reset_at: datetime | None = Field(description="The last reset; null again once a domain is added.")
    resetting: bool = Field(description="Nodes are finishing what they have in hand.")
    looked_at: datetime | None
    look: dict[str, Any] = Field(description="What the last look at DNS, certificate and origins saw.")
    behaviour: Behaviour | None


class CandidateOut(ninja.Schema):
    id: str
    names: list[str]
    not_after: datetime


class OfferOut(ninja.Schema):
    source: str
    name: str
    of: str = Field(description="The order, or the private CA.")
    left: int


class CandidatesOut(ninja.Schema):
    items: list[CandidateOut]
    automatic: list[OfferOut] = Field(
        description="What one could come from by itself; what would be taken first, first."
    )


def automatic_out(gateway: GatewayInstance) -> dict[str, Any] | None:
    wish = queries.wish(gateway)
    if wish is None:
        return None
    return {
        "source": wish.source,
        "shown_by": wish.shown_by,
        "contact": wish.contact or None,
        "template": wish.template or None,
        "key_algorithm": wish.key_algorithm or None,
        "renews": wish.renews,
        "state": wish.state,
        "state_label": WISH_LABELS[WishState(wish.state)],
        "certificate": wish.certificate or None,
        "code": wish.code or None,
        "message": wish.message or None,
        "next_steps": wish.next_steps,
        "records": wish.records,
        "asked_at": wish.asked_at,
        "ends_at": wish.ends_at,
        "next_try_at": wish.next_at if wish.state == WishState.FAILED else None,
    }


def gateway_out(gateway: GatewayInstance, known: Told | None = None) -> dict[str, Any]:
    """`known`: of a list, what nodes said of all its instances."""
    return {
        "id": gateway.public_id,
        "order": gateway.order.public_id,
        "state": gateway.state,
        "state_label": BEING_RESET if gateway.resetting_since else LABELS[GatewayState(gateway.state)],
        "problem": problem(gateway, known),
        "domain": gateway.domain or None,
        "cname": gateway.cname or None,
        "certificate": gateway.certificate or None,
        "automatic": automatic_out(gateway),
        "term_months": gateway.term_months,
        "term_ends_at": gateway.term_ends_at,
        "grcq_included": gateway.grcq_included,
        "grcq_used": gateway.grcq_used,
        "visits": gateway.visits,
        "bytes_out": gateway.bytes_out,
        "created_at": gateway.created_at,
        "reset_at": gateway.reset_at,
        "resetting": gateway.resetting_since is not None,
        "looked_at": gateway.looked_at,
        "look": gateway.look,
        "behaviour": gateway.behaviour,
    }
