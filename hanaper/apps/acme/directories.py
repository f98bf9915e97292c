"""A directory is one private CA and one template: where it is open, and who acts in it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from hanaper.apps.acme.models import AcmeAccount
from hanaper.apps.orders.locks import refuse_unless_paid
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.templates import template_named
from hanaper.core.acme.problems import from_refusal, malformed, unauthorized
from hanaper.core.actor import AccountRole, Actor, ActorKind, system
from hanaper.core.errors import NotFound, Refusal
from hanaper.storage.composed import composed

US = system("ACME")


@dataclass(frozen=True, slots=True)
class Directory:
    ca: PrivateCA
    template: str


def open_directory(ca_id: str, template: str) -> Directory:
    """AcmeProblem `malformed`, 404: there is none, or its CA is not enabled (any more)."""
    nothing = malformed("There is no ACME directory at this address.", 404)
    ca = _ca.first(ca_id)
    if ca is None:
        raise nothing
    try:
        template_named(ca.account, template)
    except NotFound:
        raise nothing from None
    if ca.kind != PrivateCaKind.INTERMEDIATE or ca.enabled_at is None or ca.resetting:
        raise nothing
    if ca.state not in (PrivateCaState.ENABLED, PrivateCaState.EXPIRED):
        raise nothing
    return Directory(ca, template)


@composed
def _ca(public_id: str) -> QuerySet[PrivateCA]:
    """Anybody's: what a client may do in its directory, an account there decides."""
    rows = PrivateCA.objects.select_related("account", "authority", "order")
    return rows.visible_to(US).filter(public_id=public_id)


def refuse_unless_issuing(ca: PrivateCA, at: datetime) -> None:
    """What would be refused in the end is refused at the beginning; `issue` looks again under its locks.

    AcmeProblem `unauthorized`: stopped, at the end of its term, or its order locked (D11) or not paid.
    """
    if ca.state != PrivateCaState.ENABLED or ca.authority is None or ca.term_ends_at <= at:
        raise unauthorized("This private CA issues no certificates any more: its term has ended.")
    if not ca.authority.issuing:
        raise unauthorized("This private CA issues no certificates now: its owner has stopped it.")
    try:
        refuse_unless_paid(ca.order)
    except Refusal as refusal:
        raise from_refusal(refusal) from None


def actor_of(account: AcmeAccount, *, address: str | None = None, request_id: str | None = None) -> Actor:
    """An ACME account as who does something: what it may do is what its external key lets it do."""
    return Actor(
        kind=ActorKind.CUSTOMER,
        name=f"ACME {account.public_id}",
        account_id=account.account_id,
        account_role=AccountRole.MEMBER,
        access_key=account.key.public_id,
        address=address,
        request_id=request_id,
    )
