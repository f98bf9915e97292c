"""Templates by name: those that come with the program, and the account's own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from pydantic import ValidationError

from hanaper.apps.accounts.models import Account
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.models.certificates import CertificateTemplate
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.private_ca.templates import BUILT_IN, NAME, Template
from hanaper.core.rule_faults import faults_of
from hanaper.storage.composed import composed
from hanaper.storage.walls import require_write

MOST = 100


def template_named(account: Account, name: str) -> Template:
    """NotFound for a name that neither the program nor the account has."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    own = _own.first(account.pk, name)
    if own is None:
        known = ", ".join(BUILT_IN)
        raise NotFound(
            f"There is no template {name!r} in this account.",
            code="template_not_found",
            field="template",
            next_steps=[f"Use one of {known}, or make one."],
        )
    return Template.model_validate(own.rules)


@composed
def _own(account_pk: int, name: str) -> QuerySet[CertificateTemplate]:
    return CertificateTemplate.objects.filter(account=account_pk, name=name)


def own_templates(actor: Actor, account: Account) -> list[CertificateTemplate]:
    """By name; at most MOST."""
    return list(CertificateTemplate.objects.visible_to(actor).filter(account=account).order_by("name"))


def own_template(actor: Actor, name: str, account: Account) -> CertificateTemplate:
    found = CertificateTemplate.objects.visible_to(actor).filter(account=account, name=name).first()
    if found is None:
        raise NotFound(f"There is no template {name!r} in this account.", code="template_not_found")
    return found


def make_template(
    actor: Actor, account: Account, *, name: str, rules: Mapping[str, Any], at: datetime
) -> CertificateTemplate:
    """Refused: `template_exists`, `too_many_templates`, and InvalidInput for each wrong rule."""
    require_write(actor)
    if not NAME.match(name):
        raise InvalidInput(
            "A name is 1 to 40 lower-case letters, digits and hyphens.", field="name", code="bad_name"
        )
    parsed = read_rules(rules)
    if CertificateTemplate.objects.filter(account=account).count() >= MOST:
        raise Refusal(
            f"An account has at most {MOST} templates.",
            code="too_many_templates",
            next_steps=["Remove one that is not used any more."],
        )
    try:
        if name in BUILT_IN:
            raise IntegrityError
        with transaction.atomic():
            made = CertificateTemplate.objects.create(
                account=account, name=name, rules=parsed.model_dump(mode="json"), created_at=at
            )
            _record(actor, AuditAction.TEMPLATE_CREATED, made, at, after=made.rules)
    except IntegrityError:
        raise Refusal(
            f"There is a template {name!r} already.",
            code="template_exists",
            field="name",
            next_steps=["Choose another name, or change that one."],
        ) from None
    return made


def change_template(
    actor: Actor, template: CertificateTemplate, *, rules: Mapping[str, Any], at: datetime
) -> CertificateTemplate:
    """What was issued stays as it is."""
    require_write(actor)
    before, template.rules = template.rules, read_rules(rules).model_dump(mode="json")
    with transaction.atomic():
        template.save(update_fields=["rules"])
        _record(actor, AuditAction.TEMPLATE_CHANGED, template, at, before=before, after=template.rules)
    return template


def remove_template(actor: Actor, template: CertificateTemplate, *, at: datetime) -> None:
    require_write(actor)
    with transaction.atomic():
        _record(actor, AuditAction.TEMPLATE_REMOVED, template, at, before=template.rules)
        template.delete()


def read_rules(rules: Mapping[str, Any]) -> Template:
    """InvalidInput with a fault at each wrong field."""
    try:
        return Template.model_validate(rules)
    except ValidationError as wrong:
        raise InvalidInput("The template cannot be like this.", faults=faults_of(wrong, "rules")) from None


def _record(
    actor: Actor, action: AuditAction, template: CertificateTemplate, at: datetime, **told: Any
) -> None:
    record(actor, action, template.public_id, at=at, account_id=template.account_id, **told)
