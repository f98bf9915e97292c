"""ACME accounts: bound by an external key, changed and deactivated by their own (RFC 8555 7.3)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from hanaper.apps.acme import limits
from hanaper.apps.acme.directories import Directory, actor_of, refuse_unless_issuing
from hanaper.apps.acme.models import AcmeAccount, ExternalKey
from hanaper.apps.acme.services.keys import secret_of
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.core.acme import jws
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed, unauthorized
from hanaper.core.acme.states import AccountState, before
from hanaper.core.actor import Actor
from hanaper.storage.composed import composed

MOST_CONTACTS = 10
_MAILTO = re.compile(r"mailto:[^@\s?,%]{1,64}@[A-Za-z0-9.-]{1,253}\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def account_of_key(directory: Directory, key: jws.Key) -> AcmeAccount | None:
    """The account of this key in this directory, in whatever state; None after a reset of the CA."""
    rows = AcmeAccount.objects.filter(
        ca=directory.ca,
        template=directory.template,
        thumbprint=jws.thumbprint(key),
        created_at__gte=directory.ca.enabled_at,
    )
    return rows.select_related("key").first()


def account_named(directory: Directory, public_id: str) -> AcmeAccount:
    """AcmeProblem `accountDoesNotExist`; `unauthorized` for one that is not valid any more."""
    ca = directory.ca
    account = None
    if ca.enabled_at is not None:
        account = _named.first(ca.pk, directory.template, public_id, ca.enabled_at)
    if account is None:
        raise does_not_exist()
    account.ca = ca
    refuse_unless_valid(account)
    return account


@composed
def _named(ca_pk: int, template: str, public_id: str, since: datetime) -> QuerySet[AcmeAccount]:
    rows = AcmeAccount.objects.filter(ca=ca_pk, template=template, public_id=public_id)
    return rows.filter(created_at__gte=since).select_related("key")


def does_not_exist() -> AcmeProblem:
    return AcmeProblem(ProblemType.ACCOUNT_DOES_NOT_EXIST, "There is no such account in this directory.")


def refuse_unless_valid(account: AcmeAccount) -> None:
    if account.state != AccountState.VALID:
        raise unauthorized(f"This account is {account.state}.")


def new_account(
    directory: Directory,
    key: jws.Key,
    body: Mapping[str, Any],
    *,
    url: str,
    address: str | None,
    request_id: str | None,
    at: datetime,
) -> tuple[AcmeAccount, bool]:
    """The account of the key, and whether it was made now (RFC 8555 7.3 and 7.3.1).

    AcmeProblem: `accountDoesNotExist`, `externalAccountRequired`, `unauthorized`, `userActionRequired`,
    `invalidContact`, `unsupportedContact`, `rateLimited`, `malformed`.
    """
    known = account_of_key(directory, key)
    if known is not None:
        refuse_unless_valid(known)
        return known, False
    if body.get("onlyReturnExisting") is True:
        raise does_not_exist()
    refuse_unless_issuing(directory.ca, at)
    contact = read_contact(body.get("contact", []))
    if settings.ACME_TERMS and body.get("termsOfServiceAgreed") is not True:
        raise AcmeProblem(
            ProblemType.USER_ACTION_REQUIRED,
            f"Agree to the terms of service: {settings.ACME_TERMS}",
            link=("terms-of-service", settings.ACME_TERMS),
        )
    external, binding = _bound_by(directory, key, body.get("externalAccountBinding"), url, at)
    limits.count_account(external)
    account = AcmeAccount(
        account_id=directory.ca.account_id,
        ca=directory.ca,
        template=directory.template,
        key=external,
        binding=binding,
        jwk=jws.members(key),
        thumbprint=jws.thumbprint(key),
        contact=contact,
        terms_agreed=body.get("termsOfServiceAgreed") is True,
        address=address,
        created_at=at,
    )
    try:
        with transaction.atomic():
            account.save()
            record(
                actor_of(account, address=address, request_id=request_id),
                AuditAction.ACME_ACCOUNT_CREATED,
                account.public_id,
                at=at,
                after={
                    "ca": directory.ca.public_id,
                    "template": directory.template,
                    "thumbprint": account.thumbprint,
                    "contact": contact,
                },
            )
    except IntegrityError:  # the same key twice at once
        known = account_of_key(directory, key)
        if known is None:
            raise
        return known, False
    return account, True


def _bound_by(
    directory: Directory, key: jws.Key, given: object, url: str, at: datetime
) -> tuple[ExternalKey, Mapping[str, Any]]:
    """RFC 8555 7.3.4: the outer key, signed with the external one."""
    if given is None:
        raise AcmeProblem(
            ProblemType.EXTERNAL_ACCOUNT_REQUIRED,
            "An account here is bound by a key: ask the owner of the private CA for a kid and an HMAC key.",
        )
    if not isinstance(given, dict):
        raise malformed("externalAccountBinding is a JWS.")
    inner = jws.read_envelope(given, jws.MAC_ALGORITHMS)
    if inner.kid is None or inner.nonce is not None or inner.url != url:
        raise malformed("The binding has a kid, no nonce, and the url of the request.")
    try:
        same = jws.members(jws.read_key(jws.read_object(inner.payload, "The binding"))) == jws.members(key)
    except AcmeProblem:
        same = False
    if not same:
        raise malformed("The binding is of another key than the one that signed the request.")
    rows = ExternalKey.objects.filter(ca=directory.ca, created_at__gte=directory.ca.enabled_at)
    found = rows.filter(public_id=inner.kid).select_related("secret__data_key").first()
    secret = None if found is None else secret_of(found)
    # One answer for "unknown", "revoked", "of another CA" and "wrong": it tells nothing of keys that exist.
    if found is None or secret is None or not jws.verify_mac(inner, secret):
        raise unauthorized("The external account binding is not known here.")
    if found.expires_at is not None and found.expires_at <= at:
        raise unauthorized("This key of external account binding has expired.")
    if found.template and found.template != directory.template:
        raise unauthorized(f"This key of external account binding is for the template {found.template}.")
    return found, given


def update_account(
    actor: Actor, account: AcmeAccount, body: Mapping[str, Any], *, at: datetime
) -> AcmeAccount:
    """Contacts, or the end (RFC 8555 7.3.2 and 7.3.6); what is not known is ignored."""
    if body.get("status") == AccountState.DEACTIVATED:
        return _deactivate(actor, account, at)
    if "status" in body and body["status"] != account.state:
        raise malformed("An account can only be deactivated.")
    if "contact" in body:
        contact = read_contact(body["contact"])
        with transaction.atomic():
            AcmeAccount.objects.filter(pk=account.pk).update(contact=contact)
            record(
                actor,
                AuditAction.ACME_ACCOUNT_CHANGED,
                account.public_id,
                at=at,
                before={"contact": account.contact},
                after={"contact": contact},
            )
        account.refresh_from_db()
    return account


def _deactivate(actor: Actor, account: AcmeAccount, at: datetime) -> AcmeAccount:
    with transaction.atomic():
        rows = AcmeAccount.objects.filter(pk=account.pk, state__in=before(AccountState.DEACTIVATED))
        if rows.update(state=AccountState.DEACTIVATED):
            record(actor, AuditAction.ACME_ACCOUNT_DEACTIVATED, account.public_id, at=at)
    account.refresh_from_db()
    return account


def change_key(
    actor: Actor, directory: Directory, account: AcmeAccount, key: jws.Key, *, at: datetime
) -> AcmeAccount | None:
    """Roll over to another key (RFC 8555 7.3.5); None if it is done, else the account that has the key."""
    other = account_of_key(directory, key)
    if other is not None:
        return other
    try:
        with transaction.atomic():
            rows = AcmeAccount.objects.filter(
                pk=account.pk, thumbprint=account.thumbprint, state=AccountState.VALID
            )
            if not rows.update(jwk=jws.members(key), thumbprint=jws.thumbprint(key)):
                raise malformed("The key of this account was changed meanwhile.")
            record(
                actor,
                AuditAction.ACME_ACCOUNT_KEY_CHANGED,
                account.public_id,
                at=at,
                before={"thumbprint": account.thumbprint},
                after={"thumbprint": jws.thumbprint(key)},
            )
    except IntegrityError:
        return account_of_key(directory, key)
    account.refresh_from_db()
    return None


def read_contact(given: object) -> list[str]:
    """RFC 8555 7.3: mailboxes, one in each, without headers."""
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise malformed("contact is a list of URLs.")
    if len(given) > MOST_CONTACTS:
        raise AcmeProblem(ProblemType.INVALID_CONTACT, f"At most {MOST_CONTACTS} contacts.")
    for one in given:
        if not _SCHEME.match(one) or not one.lower().startswith("mailto:"):
            raise AcmeProblem(ProblemType.UNSUPPORTED_CONTACT, "Contacts are mailto: URLs.")
        if not _MAILTO.match(one):
            raise AcmeProblem(
                ProblemType.INVALID_CONTACT, "A contact is one mailbox, such as mailto:ada@example.com."
            )
    return list(given)
