"""What every node is to do once: forgetting one address, handing over the newest lines of an access log.

A node is told with the answer to its report until it has done it; one that was away is told when it returns.
"""

import gzip
import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet

from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.gateway.locks import lock_with_domain
from hanaper.apps.gateway.models import Errand, ErrandRun, GatewayInstance, GatewayNode
from hanaper.apps.orders.locks import lock_order
from hanaper.core.actor import Actor
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.gateway import wire
from hanaper.storage.walls import require_write

MOST_OPEN = 100  # addresses of one instance
AT_ONCE = 20  # for one report of a node
LOG_KEPT, PURGE_KEPT = timedelta(hours=1), timedelta(days=7)
LONGEST_ADDRESS = 2048
MOST_BYTES = 16 * 1024 * 1024  # of what one node brings
MOST_UNPACKED = 256 * 1024 * 1024


def purge_address(
    actor: Actor, instance: GatewayInstance, address: str, *, at: datetime, system_at: datetime
) -> Errand:
    """Every node forgets what it keeps of `address`: a path with what follows a question mark, or all of it
    with the domain. Refused: InvalidInput, `too_many_purges`, and as `locks.lock_with_domain` refuses."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        path = _path(address, instance.domain)
        if _open(instance, Errand.Kind.PURGE).count() >= MOST_OPEN:
            raise Refusal(
                f"{MOST_OPEN} addresses are being forgotten already.",
                code="too_many_purges",
                next_steps=["Wait a moment, or purge everything at once."],
            )
        made = _make(instance, Errand.Kind.PURGE, at, system_at + PURGE_KEPT, path)
        _record(actor, AuditAction.GATEWAY_PURGED, instance, at, address=path)
    return made


def ask_for_log(actor: Actor, instance: GatewayInstance, *, at: datetime, system_at: datetime) -> Errand:
    """The newest lines of its access log, from every node; kept for an hour. One that is on its way is that
    one. Refused as `locks.lock_with_domain` refuses."""
    require_write(actor)
    with transaction.atomic():
        instance = lock_with_domain(instance)
        under_way = _open(instance, Errand.Kind.LOG).filter(expires_at__gt=system_at).first()
        if under_way is not None:
            return under_way
        made = _make(instance, Errand.Kind.LOG, at, system_at + LOG_KEPT)
        _record(actor, AuditAction.GATEWAY_LOG_ASKED, instance, at, log=made.public_id)
    return made


def lines_of(errand: Errand) -> Iterator[bytes]:
    """Of all nodes that have answered, in the order in which the requests ended."""
    runs = errand.runs.values_list("content", flat=True)
    # Each line begins with the same field, the moment, so that lines sort as moments do.
    return heapq.merge(*(_unpacked(bytes(content)) for content in runs if content))


def errands_for(node: GatewayNode) -> tuple[wire.Errand, ...]:
    """What it has not done yet."""
    rows = Errand.objects.filter(done_at=None).exclude(runs__node=node).select_related("instance")
    return tuple(
        wire.Errand(
            id=row.public_id, kind=row.kind, instance=row.instance.public_id, address=row.address  # type: ignore[arg-type]
        )
        for row in rows.order_by("pk")[:AT_ONCE]
    )  # fmt: skip


def deliver(node: GatewayNode, public_id: str, content: bytes, *, at: datetime) -> None:
    """`node` has done it. Said again, it changes nothing."""
    if len(content) > MOST_BYTES:
        raise InvalidInput("That is more than a node brings.", field="content", code="too_long")
    with transaction.atomic():
        errand = Errand.objects.select_related("instance").filter(public_id=public_id).first()
        if errand is None:
            raise NotFound("There is no such errand.", code="errand_not_found")
        lock_order(errand.instance.order_id)  # the last of two nodes sees the other
        ErrandRun.objects.get_or_create(errand=errand, node=node, defaults={"content": content})
        finish_errand(errand.pk, at)


def finish_errand(pk: int, at: datetime) -> bool:
    """Done, once there is no node that serves and has not done it."""
    waiting = GatewayNode.objects.filter(retired_at=None).exclude(
        pk__in=ErrandRun.objects.filter(errand=pk).values("node")
    )
    return not waiting.exists() and Errand.objects.filter(pk=pk, done_at=None).update(done_at=at) == 1


def forget_errands(system_at: datetime, most: int) -> int:
    """Those whose time is over: what was brought, and purges that are done. One that is not stays."""
    over = Errand.objects.filter(expires_at__lte=system_at)
    gone = over.exclude(kind=Errand.Kind.PURGE, done_at=None).order_by("expires_at").values("pk")[:most]
    return Errand.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).delete()[0]


def _make(
    instance: GatewayInstance, kind: Errand.Kind, at: datetime, expires_at: datetime, address: str = ""
) -> Errand:
    made = Errand.objects.create(
        account_id=instance.account_id,
        instance=instance,
        kind=kind,
        address=address,
        asked_at=at,
        expires_at=expires_at,
    )
    if finish_errand(made.pk, at):  # nobody serves
        made.done_at = at
    return made


def _open(instance: GatewayInstance, kind: Errand.Kind) -> QuerySet[Errand]:
    return Errand.objects.filter(instance=instance, kind=kind, done_at=None)


def _path(given: str, domain: str) -> str:
    """As visitors ask for it."""
    wrong = InvalidInput(
        f"Write an address of {domain}, or what stands behind the name, from its / on.",
        field="address",
        code="not_an_address",
    )
    if len(given) > LONGEST_ADDRESS or any(not "!" <= character <= "~" for character in given):
        raise wrong
    path = given.partition("#")[0]
    if not path.startswith("/"):
        parts = urlsplit(path)
        if parts.scheme not in ("http", "https") or parts.hostname != domain:
            raise wrong
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return path


def _unpacked(content: bytes) -> list[bytes]:
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as file:
            return file.read(MOST_UNPACKED).splitlines(keepends=True)
    except (OSError, EOFError):
        return []


def _record(actor: Actor, action: AuditAction, instance: GatewayInstance, at: datetime, **after: str) -> None:
    record(actor, action, instance.public_id, at=at, account_id=instance.account_id, after=after)
