"""A CA below a root that is not here: a request goes out, and the signed certificate comes in.

Until it has, the CA is not enabled: nothing can be issued, so nothing of it was used (R5). Its key is made
with the request and goes when that is withdrawn, refunded or reset. Revoking the certificate is up to whoever
signed it: the list that would say so is theirs.
"""

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services import (
    certificate_from_outside,
    come_out,
    draft_outside,
    name_constraints,
    path_length,
    request_for,
)
from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.private_ca.locks import lock_usable
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.refusals import not_enabled
from hanaper.apps.private_ca.search import keep_name
from hanaper.apps.private_ca.services.enabling import draft_of, refuse_unless_startable
from hanaper.apps.private_ca.services.founding import refuse_pending
from hanaper.apps.private_ca.services.renewing import same_as, take_over
from hanaper.apps.private_ca.services.retiring import retire
from hanaper.apps.private_ca.services.two_persons import carried_out, require
from hanaper.apps.private_ca.settings import CaSettings, read_settings
from hanaper.apps.private_ca.states import Operation, PrivateCaKind, PrivateCaState
from hanaper.apps.private_ca.transcripts import described
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.as_asked import faults_against
from hanaper.core.refund.canonical import write_moment
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.outside import chain_faults, read_pem_chain
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.walls import require_write


def begin_outside(actor: Actor, ca: PrivateCA, given: CaSettings, *, at: datetime) -> PrivateCA:
    """Make its key and the request (`request_pem`) for an intermediate that was bought apart.

    How long it lasts is up to whoever signs. Refused: `already_enabled`, `came_with_root`, `request_out`,
    `two_persons_needed`, and what `enable_ca` refuses.
    """
    require_write(actor)
    require(actor, ca, Operation.REQUEST)
    constraints = read_settings(given)
    with transaction.atomic():
        ca = _startable(ca, at)
    draft = draft_of(ca, given, constraints, None, at)
    authority = draft_outside(draft, at=at)
    crashpoint("private_ca.outside.after_key")
    with transaction.atomic():
        ca = _startable(ca, at)
        authority.save()
        ca.pending, ca.name, ca.region = authority, draft.name[:80], given.region or ca.region
        ca.save(update_fields=["pending", "name", "region"])
        keep_name(ca)
        carried_out(actor, ca, Operation.REQUEST, _asked(authority), at=at)
        _record(actor, AuditAction.PRIVATE_CA_REQUESTED, ca, authority, at)
    return ca


def renew_outside(
    actor: Actor, ca: PrivateCA, *, new_key: bool, algorithm: KeyAlgorithm | None = None, at: datetime
) -> PrivateCA:
    """A request for another certificate of an enabled CA that was signed elsewhere; it goes on issuing
    meanwhile. Refused: `not_enabled`, `signed_here`, `request_out`,
    `two_persons_needed`."""
    require_write(actor)
    require(actor, ca, Operation.REQUEST)
    with transaction.atomic():
        ca = _renewable(ca, at)
    before = ca.authority
    assert before is not None  # noqa: S101 - _renewable has seen to it
    if new_key:
        draft = same_as(before, algorithm, before.not_after, ca.public_id)
        authority = draft_outside(draft, at=at)
    else:
        authority = before
        name = x509.load_der_x509_certificate(bytes(before.certificate or b"")).subject
        authority.request = request_for(before, name, path_length(before), name_constraints(before))
    crashpoint("private_ca.outside.after_key")
    with transaction.atomic():
        ca = _renewable(ca, at)
        if new_key:
            authority.save()
        else:
            Authority.objects.filter(pk=authority.pk).update(request=authority.request)
        ca.pending = authority
        ca.save(update_fields=["pending"])
        carried_out(actor, ca, Operation.REQUEST, _asked(authority), at=at)
        _record(actor, AuditAction.PRIVATE_CA_REQUESTED, ca, authority, at)
    return ca


def refuse_requesting(ca: PrivateCA, given: CaSettings | None, at: datetime) -> None:
    """What `begin_outside` (with `given`) or `renew_outside` would refuse now, but for whom."""
    constraints = None if given is None else read_settings(given)
    with transaction.atomic():
        ca = _renewable(ca, at) if given is None else _startable(ca, at)
    if given is not None and constraints is not None:
        draft_of(ca, given, constraints, None, at)


def request_pem(ca: PrivateCA) -> str:
    """The request that is out. Refused: `no_request`."""
    pending = _pending(ca)
    csr = x509.load_der_x509_csr(bytes(pending.request or b""))
    return csr.public_bytes(Encoding.PEM).decode()


def complete_outside(actor: Actor, ca: PrivateCA, pem: str, *, at: datetime) -> PrivateCA:
    """Take the signed certificate with the chain above it, up to its root; from then on the CA is enabled.

    Refused: `no_request`, `two_persons_needed`, and InvalidInput with everything that is wrong with each
    certificate.
    """
    require_write(actor)
    require(actor, ca, Operation.COMPLETE)
    authority, chain = _brought(ca, pem, at)
    with transaction.atomic():
        ca = _waiting(ca, at)
        if ca.pending != authority:
            raise Refusal(
                "Another request is out by now.",
                code="request_changed",
                next_steps=["Fetch that request, and have it signed."],
            )
        _take(ca, authority, chain, at)
        carried_out(actor, ca, Operation.COMPLETE, {"made": described(authority)}, at=at)
        _record(actor, AuditAction.PRIVATE_CA_IMPORTED, ca, authority, at)
        _tell(ca, authority, at)
    crashpoint("private_ca.outside.after_commit")
    _come_out(ca, authority, at)
    return ca


def refuse_completing(ca: PrivateCA, pem: str, at: datetime) -> None:
    """What `complete_outside` would refuse now, but for whom; nothing is taken."""
    _brought(ca, pem, at)


def _brought(ca: PrivateCA, pem: str, at: datetime) -> tuple[Authority, list[x509.Certificate]]:
    """The authority whose request is out, and the chain that fits it."""
    with transaction.atomic():
        authority = _pending(_waiting(ca, at))
    spki = keystore(authority.keystore).public_key(authority.key_id)
    try:
        chain = read_pem_chain(pem)
    except ValueError as wrong:
        raise InvalidInput(str(wrong), field="chain", code="not_a_chain") from None
    faults = chain_faults(chain, spki, at, "chain")
    if not faults:
        asked = x509.load_der_x509_csr(bytes(authority.request or b""))
        faults = faults_against(asked, chain[0], "chain.0")
    if faults:
        raise InvalidInput("This certificate cannot be used.", faults=faults)
    return authority, chain


def withdraw_outside(actor: Actor, ca: PrivateCA, *, at: datetime) -> PrivateCA:
    """The request is given up, and the key that was made for it destroyed. Refused: `no_request`."""
    require_write(actor)
    with transaction.atomic():
        ca = _waiting(ca, at)
        authority = _pending(ca)
        _record(actor, AuditAction.PRIVATE_CA_REQUEST_WITHDRAWN, ca, authority, at)
        ca.pending = None
        ca.save(update_fields=["pending"])
        Authority.objects.filter(pk=authority.pk).update(request=None)
        if authority != ca.authority:
            Authority.objects.filter(pk=authority.pk, certificate=None).delete()
    crashpoint("private_ca.outside.after_withdrawal")
    if authority != ca.authority:  # the sweep does it if nobody did: no authority has this key any more
        keystore(authority.keystore).destroy(authority.key_id)
    return ca


def _take(ca: PrivateCA, authority: Authority, chain: list[x509.Certificate], at: datetime) -> None:
    certificate_from_outside(authority, chain, at=at)
    authority.refresh_from_db()
    ca.pending = None
    if ca.state == PrivateCaState.NOT_ENABLED:
        Authority.objects.filter(pk=authority.pk).update(issuing=True)
        ca.authority, ca.state, ca.enabled_at, ca.reset_at = authority, PrivateCaState.ENABLED, at, None
        CaGeneration.objects.create(ca=ca, authority=authority, began_at=at)
    elif authority != ca.authority:
        Authority.objects.filter(pk=authority.pk).update(issuing=True)
        take_over(ca, authority, at)
    ca.save(update_fields=["pending", "authority", "state", "enabled_at", "reset_at"])


def _come_out(ca: PrivateCA, authority: Authority, at: datetime) -> None:
    authority.refresh_from_db()
    come_out(authority, at=at)
    for before in ca.generations.filter(retired_at__isnull=False).select_related("authority"):
        retire(before.authority, at)
    ca.refresh_from_db()


def _startable(ca: PrivateCA, at: datetime) -> PrivateCA:
    ca = lock_usable(ca)
    refuse_unless_startable(ca, at)
    if ca.kind != PrivateCaKind.INTERMEDIATE or ca.parent is not None:
        raise Refusal(
            "A root signs itself, and the intermediate that came with it is signed by it.",
            code="came_with_root",
            next_steps=["Buy a further intermediate CA; it can be signed elsewhere."],
        )
    refuse_pending(ca)
    return ca


def _renewable(ca: PrivateCA, at: datetime) -> PrivateCA:
    ca = lock_usable(ca)
    if ca.state != PrivateCaState.ENABLED or ca.authority is None or ca.term_ends_at <= at:
        raise not_enabled(ca, "Only an enabled private CA is renewed.")
    if not ca.authority.outside:
        raise Refusal(
            "This CA was signed here: it is renewed without a request.",
            code="signed_here",
            next_steps=["Renew it."],
        )
    refuse_pending(ca)
    return ca


def _waiting(ca: PrivateCA, at: datetime) -> PrivateCA:
    ca = lock_usable(ca)
    _pending(ca)
    if ca.state not in (PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED) or ca.term_ends_at <= at:
        raise Refusal(
            "The term of this private CA has ended.", code="ca_expired", next_steps=["Buy another one."]
        )
    return ca


def _pending(ca: PrivateCA) -> Authority:
    if ca.pending is None or ca.pending.request is None:
        raise Refusal(
            "No request of this private CA is out.",
            code="no_request",
            next_steps=["Have a request made first."],
        )
    return ca.pending


def _asked(authority: Authority) -> dict[str, str]:
    """What a transcript says of a request."""
    csr = bytes(authority.request or b"")
    return {"authority": authority.public_id, "request_sha256": hashlib.sha256(csr).hexdigest()}


def _record(actor: Actor, action: AuditAction, ca: PrivateCA, authority: Authority, at: datetime) -> None:
    told = {"authority": authority.public_id, "algorithm": authority.algorithm, "name": ca.name}
    record(actor, action, ca.public_id, at=at, account_id=ca.account_id, after=told)


def _tell(ca: PrivateCA, authority: Authority, at: datetime) -> None:
    first = ca.enabled_at == at
    until = {} if first else {"not_after": write_moment(authority.not_after)}
    emit(
        EventKind.PRIVATE_CA_ENABLED if first else EventKind.PRIVATE_CA_RENEWED,
        account_id=ca.account_id,
        subject=ca.public_id,
        at=at,
        dedupe=f"{ca.public_id}:{authority.public_id}:{write_moment(at)}",
        data={"name": ca.name, **until},
    )
