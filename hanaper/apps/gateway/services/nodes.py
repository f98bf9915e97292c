"""Nodes join with a token that is used once, say how they are, and are retired by an operator."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.gateway import certificates
from hanaper.apps.gateway.fleet import overtake, version
from hanaper.apps.gateway.models import SERVED, GatewayInstance, GatewayNode, JoinToken
from hanaper.apps.gateway.services.counting import take
from hanaper.apps.gateway.services.errands import errands_for
from hanaper.core.actor import Actor, StaffRole, system
from hanaper.core.errors import Gone, InvalidInput, NotFound, Unauthenticated
from hanaper.core.gateway.wire import Answer, KeyPair, Report
from hanaper.storage.walls import require_staff

JOIN_VALID = timedelta(hours=24)
STAMP_EVERY = timedelta(seconds=10)  # a node that is well is written down no oftener
LONGEST_NAME = 80
HANDS_OVER = timedelta(hours=1)  # so long after it was retired a node still says what it counted


def make_join_token(actor: Actor, *, at: datetime, system_at: datetime) -> str:
    """Lets one node join within a day. Given out once: only its hash stays."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    token = f"gwj_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        made = JoinToken.objects.create(
            token_hash=_hash(token), made_by_id=actor.user_id, expires_at=system_at + JOIN_VALID
        )
        record(actor, AuditAction.GATEWAY_JOIN_TOKEN_MADE, made.public_id, at=at)
    return token


def join(token: str, name: str, *, at: datetime, system_at: datetime) -> tuple[GatewayNode, str]:
    """A new node and its own token, which nobody is told again. Unauthenticated for a token that is wrong,
    used or too old."""
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"At most {LONGEST_NAME} characters.", field="name", code="too_long")
    with transaction.atomic():
        rows = JoinToken.objects.filter(token_hash=_hash(token), used_at=None, expires_at__gt=system_at)
        if not rows.update(used_at=system_at):
            raise Unauthenticated("This joining token is not known.", code="join_token_unknown")
        own = f"gwn_{secrets.token_urlsafe(32)}"
        node = GatewayNode.objects.create(name=name or "node", token_hash=_hash(own), joined_at=at)
        told = {"name": node.name}
        record(system("gateway"), AuditAction.GATEWAY_NODE_JOINED, node.public_id, at=at, after=told)
    return node, own


def authenticate(token: str, *, retired_too: bool = False) -> GatewayNode:
    """The node that this token belongs to. Unauthenticated; Gone for one that was retired, which serves
    nothing once it hears of it, unlike one that a restored database does not know."""
    node = GatewayNode.objects.filter(token_hash=_hash(token)).first()
    if node is None:
        raise Unauthenticated("This is no token of a node that serves here.", code="node_unknown")
    if node.retired_at is not None and not retired_too:
        raise _gone()
    return node


def _gone() -> Gone:
    return Gone("This node was retired.", code="node_retired")


def report(node: GatewayNode, said: Report, *, at: datetime, system_at: datetime) -> Answer:
    """Take what was counted first: a node settles only on what is taken. One that serves what a restored
    database does not know is overtaken. Of one that was retired what it counted is taken for HANDS_OVER, and
    nothing else; Gone later, and for one too old to hear of it otherwise."""
    if node.retired_at is not None and at > node.retired_at + HANDS_OVER:
        raise _gone()
    taken = {batch.log: take(node, batch, at) for batch in said.batches}
    if node.retired_at is not None:
        if not said.hears:
            raise _gone()
        return Answer(version=version(), taken=taken, retired=True)
    now: dict[str, Any] = {
        "applied": said.applied,
        "settled": said.settled,
        "error": said.error[:500],
        "engine": said.engine[:80],
        "http3": said.http3,
    }
    if said.unwell is not None:
        now["unwell"] = [one.model_dump() for one in said.unwell]
    if said.left_out is not None:
        now["left_out"] = [one.model_dump() for one in said.left_out]
    stale = Q(seen_at=None) | Q(seen_at__lte=system_at - STAMP_EVERY)
    changed = any(getattr(node, field) != value for field, value in now.items())
    rows = GatewayNode.objects.filter(pk=node.pk)
    (rows if changed else rows.filter(stale)).update(**now, seen_at=system_at)
    overtake(said.applied)
    return Answer(version=version(), taken=taken, errands=errands_for(node))


def key_pair(name: str, at: datetime) -> KeyPair:
    """Chain and key that a site of the snapshot names, also of what was revoked or has ended since: nodes
    that come later serve what the others serve. NotFound for any other: keys are given out to be served, and
    for nothing else."""
    instance = GatewayInstance.objects.filter(served=name, state__in=SERVED, resetting_since=None).first()
    if instance is not None:
        account_id, certificate = instance.account_id, instance.certificate
        pair = certificates.key_pair(account_id, certificate, at)
        pair = pair or certificates.last_key_pair(account_id, certificate)
        if pair is not None and certificates.name_of(instance.public_id, pair) == name:
            return pair
    raise NotFound("There is no such certificate.", code="certificate_not_found")


def retire(actor: Actor, node: GatewayNode, *, at: datetime) -> GatewayNode:
    """It gets nothing any more, and nobody waits for it: what it has counted and not said in HANDS_OVER is
    lost, and a refund that was granted meanwhile stays so."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        if GatewayNode.objects.filter(pk=node.pk, retired_at=None).update(retired_at=at):
            record(actor, AuditAction.GATEWAY_NODE_RETIRED, node.public_id, at=at, after={"name": node.name})
    node.refresh_from_db()
    return node


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
