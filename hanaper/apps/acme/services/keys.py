"""Keys of external account binding: made and shown once, revoked with every account that they bound."""

import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from hanaper.apps.acme.models import AcmeAccount, ExternalKey
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.services.issuing import constraints_of
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.templates import template_named
from hanaper.apps.secrets.services import destroy, seal, unseal
from hanaper.core.acme.base64url import encode
from hanaper.core.acme.states import AccountState, before
from hanaper.core.actor import Actor
from hanaper.core.errors import Fault, InvalidInput, Refusal
from hanaper.core.private_ca.name_constraints import read_constraints
from hanaper.core.private_ca.orderable import key_faults
from hanaper.storage.walls import require_write

PURPOSE = "acme.external_key"
BYTES = 32
MOST = 1000  # of one CA


def create_key(
    actor: Actor,
    ca: PrivateCA,
    *,
    name: str = "",
    template: str = "",
    domains: Sequence[str] = (),
    networks: Sequence[str] = (),
    certificates_limit: int | None = None,
    expires_at: datetime | None = None,
    at: datetime,
) -> tuple[ExternalKey, str]:
    """The key and its secret in base64url, which nobody can read again.

    `template`: the only directory that it opens; `domains` (with everything below) and `networks`: what may
    be ordered; both empty: what template and CA permit. Refused: `not_enabled`, `only_intermediates_issue`,
    `too_many_keys`, InvalidInput at each field, and as `locks.lock_usable` refuses.
    """
    require_write(actor)
    within = _within(domains, networks)
    _refuse_unorderable(ca, template, within)
    if expires_at is not None and expires_at <= at:
        raise InvalidInput(
            "A key ends in the future: choose a later time, or none.", field="expires_at", code="in_the_past"
        )
    secret = _new_secret()
    with transaction.atomic():
        ca = lock_usable(ca)
        _refuse_useless(ca)
        key = ExternalKey.objects.create(
            account_id=ca.account_id,
            ca=ca,
            template=template,
            name=name,
            secret=seal(secret, PURPOSE),
            domains=within["dns"],
            networks=within["ip"],
            certificates_limit=certificates_limit,
            expires_at=expires_at,
            created_by_id=actor.user_id,
            created_at=at,
        )
        told = {"ca": ca.public_id, "template": template, "name": name, **within}
        record(
            actor, AuditAction.ACME_KEY_CREATED, key.public_id, at=at, account_id=ca.account_id, after=told
        )
    return key, encode(secret)


def _new_secret() -> bytes:
    """None that begins with a dash in base64url: clients' command lines would take it for an option."""
    while encode(secret := randomness.token_bytes(BYTES)).startswith("-"):
        pass
    return secret


def revoke_key(actor: Actor, key: ExternalKey, *, at: datetime) -> ExternalKey:
    """For good, and with it every account that it bound; what they had issued stays. A second time changes
    nothing."""
    require_write(actor)
    with transaction.atomic():
        secret = key.secret
        if ExternalKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at, secret=None):
            if secret is not None:
                destroy(secret)
            bound = AcmeAccount.objects.filter(key=key, state__in=before(AccountState.REVOKED))
            count = bound.update(state=AccountState.REVOKED)
            record(
                actor,
                AuditAction.ACME_KEY_REVOKED,
                key.public_id,
                at=at,
                account_id=key.account_id,
                after={"accounts": count},
            )
    key.refresh_from_db()
    return key


def revoke_account(actor: Actor, account: AcmeAccount, *, at: datetime) -> AcmeAccount:
    """One client is shut out, for good. A second time changes nothing."""
    require_write(actor)
    with transaction.atomic():
        rows = AcmeAccount.objects.filter(pk=account.pk, state__in=before(AccountState.REVOKED))
        if rows.update(state=AccountState.REVOKED):
            record(
                actor,
                AuditAction.ACME_ACCOUNT_REVOKED,
                account.public_id,
                at=at,
                account_id=account.account_id,
            )
    account.refresh_from_db()
    return account


def secret_of(key: ExternalKey) -> bytes | None:
    """None once it was revoked."""
    return None if key.secret is None else unseal(key.secret, PURPOSE)


def _within(domains: Sequence[str], networks: Sequence[str]) -> dict[str, list[str]]:
    """In canonical form, as name constraints are written; InvalidInput with a fault at each that is wrong."""
    faults: list[Fault] = []
    read = read_constraints({"permitted": {"dns": domains, "ip": networks}}, faults)
    if faults:
        fields = {"dns": "domains", "ip": "networks"}
        said = []
        for fault in faults:
            _, _, kind, *index = fault.field.split(".")
            said.append(Fault(".".join([fields[kind], *index]), fault.message, fault.code))
        raise InvalidInput("The key cannot be like this.", faults=said)
    return {"dns": list(read.permitted.dns), "ip": list(read.permitted.ip)}


def _refuse_unorderable(ca: PrivateCA, template: str, within: dict[str, list[str]]) -> None:
    """What neither template nor CA would ever permit, before somebody hands the key out."""
    rules = template_named(ca.account, template) if template else None
    constraints = [] if ca.authority is None else constraints_of(ca.authority)
    faults = list(key_faults(within["dns"], within["ip"], rules, constraints))
    if faults:
        raise InvalidInput("The key cannot be like this.", faults=faults)


def _refuse_useless(ca: PrivateCA) -> None:
    if ca.kind != PrivateCaKind.INTERMEDIATE:
        raise Refusal(
            "A root signs intermediates only.",
            code="only_intermediates_issue",
            next_steps=["Make the key for one of its intermediates."],
        )
    if ca.state != PrivateCaState.ENABLED:
        raise not_enabled(ca, "Only an enabled private CA issues.")
    if ExternalKey.objects.filter(ca=ca, revoked_at=None).count() >= MOST:
        raise Refusal(
            f"A private CA has at most {MOST} keys for ACME.",
            code="too_many_keys",
            next_steps=["Revoke one that is not used any more."],
        )
