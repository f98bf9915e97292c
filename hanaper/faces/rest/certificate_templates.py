"""Templates of private certificates: those that come with the program, and the account's own."""

from typing import Any

import ninja
from ninja import Router, Status
from pydantic import Field

from hanaper.apps.private_ca import templates
from hanaper.apps.private_ca.models.certificates import CertificateTemplate
from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.template_text import LONGEST_TOML, in_lines, read_toml, to_toml
from hanaper.core.private_ca.templates import BUILT_IN, Template
from hanaper.faces.rest.access import ApiRequest, customer, own_account
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent

router = Router(tags=["certificate templates"])


class RulesIn(Body):
    rules: dict[str, Any] | None = Field(
        None, description="As the templates that come with the program have them."
    )
    toml: str | None = Field(None, max_length=LONGEST_TOML, description="The same as TOML; either of them.")


class TemplateIn(RulesIn):
    name: str = Field(max_length=40, description="Lower-case letters, digits and hyphens.")


class TemplateOut(ninja.Schema):
    name: str
    own: bool
    rules: dict[str, Any]
    toml: str
    sentences: list[str] = Field(description="What it says, in words: a caption, and what holds.")


class TemplatesOut(ninja.Schema):
    items: list[TemplateOut]


def _own(template: CertificateTemplate) -> dict[str, Any]:
    return _out(template.name, True, Template.model_validate(template.rules))


def _built_in(name: str, template: Template) -> dict[str, Any]:
    return _out(name, False, template)


def _out(name: str, own: bool, template: Template) -> dict[str, Any]:
    return {
        "name": name,
        "own": own,
        "rules": template.model_dump(mode="json"),
        "toml": to_toml(template),
        "sentences": in_lines(template),
    }


def _rules(body: RulesIn) -> dict[str, Any]:
    if (body.rules is None) == (body.toml is None):
        raise InvalidInput("Give either rules or toml.", field="rules", code="rules_or_toml")
    return read_toml(body.toml) if body.toml is not None else body.rules or {}


@router.get("/certificate-templates", auth=customer(), response=TemplatesOut, summary="Every template")
def list_templates(request: ApiRequest) -> dict[str, Any]:
    own = templates.own_templates(request.actor, own_account(request))
    return {"items": [*(_built_in(*each) for each in BUILT_IN.items()), *map(_own, own)]}


@router.post(
    "/certificate-templates",
    auth=customer(),
    response={201: TemplateOut},
    summary="Make a template of the account's own",
)
@idempotent
def make_template(request: ApiRequest, body: TemplateIn) -> Status[dict[str, Any]]:
    account = own_account(request)
    made = templates.make_template(request.actor, account, name=body.name, rules=_rules(body), at=request.at)
    return Status(201, _own(made))


@router.get("/certificate-templates/{name}", auth=customer(), response=TemplateOut, summary="One template")
def show_template(request: ApiRequest, name: str) -> dict[str, Any]:
    if name in BUILT_IN:
        return _built_in(name, BUILT_IN[name])
    return _own(templates.own_template(request.actor, name, own_account(request)))


@router.put(
    "/certificate-templates/{name}", auth=customer(), response=TemplateOut, summary="Change one of your own"
)
@idempotent
def change_template(request: ApiRequest, name: str, body: RulesIn) -> dict[str, Any]:
    found = templates.own_template(request.actor, name, own_account(request))
    return _own(templates.change_template(request.actor, found, rules=_rules(body), at=request.at))


@router.delete(
    "/certificate-templates/{name}",
    auth=customer(),
    response={204: None},
    summary="Remove one of your own; what was issued stays",
)
@idempotent
def remove_template(request: ApiRequest, name: str) -> Status[None]:
    found = templates.own_template(request.actor, name, own_account(request))
    templates.remove_template(request.actor, found, at=request.at)
    return Status(204, None)
