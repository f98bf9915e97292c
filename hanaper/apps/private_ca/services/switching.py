"""Stopping and starting issuance, and the end of a term."""

from datetime import datetime

from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import Authority
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.actor import Actor, system
from hanaper.core.errors import Refusal
from hanaper.storage.walls import require_write


def set_issuing(actor: Actor, ca: PrivateCA, wanted: bool, *, at: datetime) -> PrivateCA:
    """Stop or start issuing; what was issued stays good, and lists go on. The same again changes nothing."""
    require_write(actor)
    with transaction.atomic():
        ca = lock_usable(ca)
        if ca.state != PrivateCaState.ENABLED or ca.authority is None:
            raise not_enabled(ca, "Only an enabled private CA issues.")
        if wanted and ca.generations.filter(authority=ca.authority, revoked_at__isnull=False).exists():
            raise Refusal(
                "This CA was revoked: nothing that it issues would be trusted.",
                code="ca_revoked",
                next_steps=["Renew it with a new key."],
            )
        if Authority.objects.filter(pk=ca.authority.pk, issuing=not wanted).update(issuing=wanted):
            action = AuditAction.PRIVATE_CA_RESUMED if wanted else AuditAction.PRIVATE_CA_STOPPED
            record(actor, action, ca.public_id, at=at, account_id=ca.account_id, after={"issuing": wanted})
    ca.refresh_from_db()
    return ca


def expire(pk: int, at: datetime) -> bool:
    """The term has ended: nothing more is issued; lists and answers go on until the certificates end."""
    with transaction.atomic():
        open_states = [PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED]
        rows = PrivateCA.objects.filter(pk=pk, state__in=open_states, term_ends_at__lte=at, resetting=False)
        if not rows.update(state=PrivateCaState.EXPIRED):
            return False
        ca = PrivateCA.objects.get(pk=pk)
        # A request that was never answered: the key that waits for it goes.
        PrivateCA.objects.filter(pk=pk, authority=None, pending__isnull=False).update(resetting=True)
        Authority.objects.filter(private_ca=ca).update(issuing=False)
        record(
            system("private CAs"),
            AuditAction.PRIVATE_CA_EXPIRED,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            after={"state": ca.state},
        )
        emit(
            EventKind.PRIVATE_CA_EXPIRED,
            account_id=ca.account_id,
            subject=ca.public_id,
            at=at,
            dedupe=f"{ca.public_id}:expired",
            data={"name": ca.name or ca.public_id},
        )
    return True
