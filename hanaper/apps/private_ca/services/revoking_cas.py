"""Revoking a CA for cause, by the account or by an operator: what it issued is trusted no more.

Every key that it had goes, not only the one that issues now: whoever revokes a CA means what it issued. In
two steps, since nothing undoes it. The CA stays enabled: it can be reset, or renewed with a new key.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.models import Authority, CaCertificate, CaCertificateKind, Issuance
from hanaper.apps.authority.services import publish_crl, revoke_ca_certificates
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.generations import revocable_alone
from hanaper.apps.private_ca.in_use import told_of_sites
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.confirming import read_confirmation, refuse_changed
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCertificateState
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.private_ca.revocation import CA_REASONS
from hanaper.core.refund.canonical import write_moment
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write

_SALT = "hanaper.private_ca.revocation"


@dataclass(frozen=True, slots=True)
class RevocationWarning:
    """What a revocation would do: to which of the CA's own certificates (public ids), and to how many that it
    issued; `token` confirms that this was read."""

    ca: PrivateCA
    text: str
    ca_certificates: list[str]
    certificates: int
    token: str


def prepare_revocation(actor: Actor, ca: PrivateCA, *, certificate: str = "") -> RevocationWarning:
    """The warning. `certificate`: the public id of a link, a cross-sign or an own certificate before the one
    it has now, to revoke that alone.

    Refused: `not_enabled`, `root_revokes_itself`, `revoked_elsewhere`, `revoked_already`; NotFound.
    """
    _may(actor)
    only = _refuse_impossible(ca, certificate)
    listed = [row.public_id for row in _meant(ca, only)]
    count = _trusted_no_more(ca, only)
    text = _every(ca, len(listed), count) if only is None else _alone(ca, only, count)
    if only is None and (sites := told_of_sites(ca)):
        text = f"{text} {sites}"
    token = signing.dumps(_told(actor, ca, certificate, listed), salt=_SALT)
    return RevocationWarning(ca, text, listed, count, token)


def revoke_ca(
    actor: Actor,
    ca: PrivateCA,
    reason: RevocationReason,
    *,
    confirmation: str,
    certificate: str = "",
    at: datetime,
) -> PrivateCA:
    """What was confirmed. Refused: `bad_reason`, `confirmation_invalid`, `confirmation_expired`,
    `warning_changed`, and as `prepare_revocation` and `locks.lock_usable` refuse."""
    _may(actor)
    if reason not in CA_REASONS:
        words = ", ".join(CA_REASONS)
        raise InvalidInput(f"The reason is one of {words}.", field="reason", code="bad_reason")
    said = read_confirmation(confirmation, _SALT)
    with transaction.atomic():
        ca = lock_usable(ca)
        only = _refuse_impossible(ca, certificate)
        listed = [row.public_id for row in _meant(ca, only)]
        refuse_changed(said, _told(actor, ca, certificate, listed))
        assert ca.authority is not None  # noqa: S101 - looked at above
        issuers = _revoke(ca, reason, only, at)
        record(
            actor,
            AuditAction.PRIVATE_CA_REVOKED,
            ca.public_id,
            at=at,
            account_id=ca.account_id,
            after={"authority": ca.authority.public_id, "reason": reason, "ca_certificates": listed},
        )
        emit(
            EventKind.PRIVATE_CA_REVOKED,
            account_id=ca.account_id,
            subject=ca.public_id,
            at=at,
            dedupe=f"{ca.public_id}:revoked:{only.public_id if only else ''}:{write_moment(at)}",
            data={"name": ca.name, "reason": reason},
        )
    crashpoint("private_ca.revoke.after_commit")
    for issuer in issuers:
        publish_crl(issuer, at=at)
    ca.refresh_from_db()
    return ca


def _revoke(
    ca: PrivateCA, reason: RevocationReason, only: CaCertificate | None, at: datetime
) -> list[Authority]:
    """The authorities whose lists have changed."""
    rows = list(_meant(ca, only))
    every = ca.generations.values_list("authority", flat=True)
    keys = list(every) if only is None else _keys_without_trust(only)
    for authority in {row.authority_id: row.authority for row in rows}.values():
        revoke_ca_certificates(authority, reason, at=at, only=only)
    Authority.objects.filter(pk__in=keys).update(issuing=False)
    ca.generations.filter(authority__in=keys, revoked_at=None).update(revoked_at=at, reason=reason)
    issuers = {row.issuer_id: row.issuer for row in rows}
    return [one for one in issuers.values() if one is not None and one.ended_at is None]


def _may(actor: Actor) -> None:
    """The account, whoever may write there; or an operator, for cause."""
    if actor.kind is not ActorKind.OPERATOR:
        require_write(actor)


def _refuse_impossible(ca: PrivateCA, certificate: str) -> CaCertificate | None:
    """The one certificate that is meant, if it is one alone."""
    if not ca.has_keys or ca.authority is None:
        raise Refusal(
            "Only a private CA that was enabled is revoked.",
            code="not_enabled",
            next_steps=["There is nothing to revoke: it has no key."],
        )
    if certificate:
        return _one(ca, ca.authority, certificate)
    if ca.kind == PrivateCaKind.ROOT:
        raise Refusal(
            "Nobody stands above a root who could revoke it.",
            code="root_revokes_itself",
            next_steps=["Take it out of trust stores.", "Revoke the intermediates below it, or reset it."],
        )
    if ca.authority.outside:
        raise Refusal(
            "This CA was signed by a CA that is not here: the list that would say so is theirs.",
            code="revoked_elsewhere",
            next_steps=["Ask whoever signed it to revoke it.", "Stop issuing, or reset it."],
        )
    if not ca.generations.filter(revoked_at=None).exists():
        raise _already()
    return None


def _one(ca: PrivateCA, authority: Authority, certificate: str) -> CaCertificate:
    rows = CaCertificate.objects.filter(authority__generation__ca=ca, public_id=certificate)
    found = rows.select_related("authority", "issuer").first()
    if found is None or not revocable_alone(found, authority):
        raise NotFound(
            "This CA has no such link, cross-sign or earlier certificate.", code="ca_certificate_not_found"
        )
    if found.revoked_at is not None:
        raise _already()
    return found


def _meant(ca: PrivateCA, only: CaCertificate | None) -> QuerySet[CaCertificate]:
    """What would come on a list: `only` that, or whatever was signed here for any key that the CA had."""
    rows = CaCertificate.objects.filter(authority__generation__ca=ca, revoked_at=None, issuer__isnull=False)
    rows = rows.exclude(issuer=F("authority")).select_related("authority", "issuer").order_by("pk")
    return rows if only is None else rows.filter(pk=only.pk)


def _keys_without_trust(only: CaCertificate) -> list[int]:
    """Its key, if it has no other certificate of its own that is good."""
    if only.kind != CaCertificateKind.OWN:
        return []
    own = only.authority.certificates.filter(kind=CaCertificateKind.OWN, revoked_at=None)
    return [] if own.exclude(pk=only.pk).exists() else [only.authority_id]


def _trusted_no_more(ca: PrivateCA, only: CaCertificate | None) -> int:
    issued = ca.certificates.filter(state=PrivateCertificateState.ISSUED)
    if only is None:
        return issued.count()
    by_them = Issuance.objects.filter(authority__in=_keys_without_trust(only)).values("reference")
    return issued.filter(public_id__in=by_them).count()


def _every(ca: PrivateCA, listed: int, count: int) -> str:
    return (
        f"Revoking {ca.name} puts every certificate of its keys, also of the earlier ones ({listed} in all),"
        f" on the revocation lists of those who signed them: what it issued and is valid ({count} in all) is"
        f" trusted no more, and it issues nothing. It can be reset, or renewed with a new key. This cannot be"
        f" undone."
    )


def _alone(ca: PrivateCA, only: CaCertificate, count: int) -> str:
    issuer = only.issuer.name if only.issuer is not None else ""
    if only.kind != CaCertificateKind.OWN:
        return (
            f"Revoking the certificate {only.public_id} of {ca.name} ends the trust that {issuer}"
            f" gives it. Chains over other roots stay good. This cannot be undone."
        )
    if not _keys_without_trust(only):
        return (
            f"Revoking the certificate {only.public_id} of {ca.name} leaves what it issued good: its key has"
            f" another one. This cannot be undone."
        )
    return (
        f"Revoking the certificate {only.public_id} of {ca.name} ends the trust that {issuer} gives an"
        f" earlier key: what it issued and is valid ({count} in all) is trusted no more. The CA goes on with"
        f" the key that it has now. This cannot be undone."
    )


def _already() -> Refusal:
    return Refusal("It is revoked already.", code="revoked_already")


def _told(actor: Actor, ca: PrivateCA, certificate: str, listed: list[str]) -> dict[str, object]:
    """What a confirmation holds for. Not how many certificates: a CA in use issues while somebody reads."""
    authority = ca.authority.public_id if ca.authority else ""
    who = actor.account_id or actor.user_id
    return {"ca": ca.public_id, "a": who, "g": authority, "c": certificate, "l": listed}
