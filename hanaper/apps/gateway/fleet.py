"""What every node is to serve: a version that grows with each change, and the snapshot of the newest.

A version is the moment of its change, in milliseconds of the Unix epoch by system time, or one more than that
before it. So what is changed after a database was restored is newer than all that was lost, and no version
means two things: of as many sites, those of a node that serves something of what was lost add up to more than
those that are served, and it asks for all (core.gateway.changes).
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from hanaper import clock
from hanaper.apps.gateway.locks import WITH_DOMAIN
from hanaper.apps.gateway.models import SERVED, CertificateWish, Fleet, GatewayInstance, GatewayNode
from hanaper.apps.gateway.states import GatewayState
from hanaper.core.gateway.behaviour import Behaviour, Exhausted
from hanaper.core.gateway.wire import Changes, Proof, Server, Site, Snapshot
from hanaper.storage.logs import logger

log = logger(__name__)
FIRST = 1


def touch(changed: GatewayInstance, *others: GatewayInstance) -> int:
    """In the transaction of a change that visitors notice, after it: nodes are to look at these again.
    The new version."""
    newest = _begin()
    GatewayInstance.objects.filter(pk__in=[each.pk for each in (changed, *others)]).update(version=newest)
    for each in (changed, *others):
        each.version = newest
    return newest


def overtake(applied: int) -> None:
    """A node serves version `applied`: if that is none of ours, the database was restored to before it. All
    that is served is changed now, so that every node looks at each site anew."""
    if applied <= version():
        return
    with transaction.atomic():
        if Fleet.objects.filter(version__gte=applied).exists():
            return  # another node was quicker
        newest = _begin(applied)
        sites = _served().update(version=newest)
    log.warning("fleet_overtaken", applied=applied, version=newest, sites=sites)


def _begin(after: int = FIRST) -> int:
    """A version that is newer than all, `after` too. From now on until the transaction ends nobody else
    begins one."""
    least = max(after + 1, int(clock.system_now().timestamp() * 1000))
    if not Fleet.objects.update(version=Greatest(F("version") + 1, least)):
        Fleet.objects.create(version=least)
    return version()


def version() -> int:
    return Fleet.objects.values_list("version", flat=True).first() or FIRST


def snapshot() -> Snapshot:
    """Everything that is served. The version is read first: content may be newer than it, never older."""
    newest = version()
    sites = tuple(_site(row) for row in _served().order_by("pk").iterator())
    return Snapshot(version=newest, sites=sites, proofs=tuple(_proofs()), zone=settings.GATEWAY_ZONE)


def changes(since: int) -> Changes:
    """What is otherwise than in the snapshot of version `since`."""
    newest = version()
    known = dict(_served().values_list("public_id", "version"))
    changed = _served().filter(version__gt=since).order_by("pk")
    # What is changed at this moment comes again with the next version.
    sites = [_site(row, known[row.public_id]) for row in changed if row.public_id in known]
    served = {site.instance for site in sites}
    touched = GatewayInstance.objects.filter(version__gt=since).order_by("pk")
    gone = [each for each in touched.values_list("public_id", flat=True) if each not in served]
    return Changes(
        since=since,
        version=newest,
        sites=tuple(sites),
        gone=tuple(gone),
        proofs=tuple(_proofs()),
        count=len(known),
        versions=sum(known.values()),
        zone=settings.GATEWAY_ZONE,
    )


def _served() -> QuerySet[GatewayInstance]:
    return GatewayInstance.objects.filter(state__in=SERVED, resetting_since=None).exclude(served="")


def settled_everywhere(reset_version: int) -> bool:
    """Whether no node answers for an earlier version any more, and everything they counted was taken."""
    return not unsettled(reset_version).exists()


def unsettled(reset_version: int) -> QuerySet[GatewayNode]:
    """The nodes that are waited for."""
    return GatewayNode.objects.filter(retired_at=None, settled__lt=reset_version).order_by("pk")


def _proofs() -> Iterator[Proof]:
    """For domains that lead to the very instance: nobody is helped to what is proven for somebody else's."""
    wishes = CertificateWish.objects.filter(
        next_at__isnull=False, instance__resetting_since=None, instance__state__in=WITH_DOMAIN
    )
    for wish in wishes.exclude(proofs=[]).select_related("instance").order_by("pk"):
        for proof in map(Proof.model_validate, wish.proofs):
            look = wish.instance.look
            leads_here = look.get("points_here") and not look.get("problem")
            if leads_here and proof.domain == wish.instance.domain:
                yield proof


def _site(instance: GatewayInstance, version: int | None = None) -> Site:
    behaviour = Behaviour.model_validate(instance.behaviour)
    used_up = instance.state == GatewayState.QUOTA_EXHAUSTED and behaviour.exhausted is Exhausted.PAGE
    return Site(
        instance=instance.public_id,
        domain=instance.domain,
        certificate=instance.served,
        servers=tuple(Server.model_validate(one) for one in instance.servers),
        origin_name=behaviour.host_header or behaviour.origins[0].host,
        behaviour=behaviour,
        epoch=instance.epoch,
        closed="exhausted" if used_up else "",
        version=instance.version if version is None else version,
    )
