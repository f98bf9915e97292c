"""Reading gateway instances within the wall of the account, and nodes for operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from hanaper.apps.gateway import certificates, fleet, supply
from hanaper.apps.gateway.locks import WITH_DOMAIN
from hanaper.apps.gateway.models import (
    CertificateWish,
    Errand,
    GatewayInstance,
    GatewayNode,
    UsageHour,
)
from hanaper.apps.gateway.search import found_by
from hanaper.apps.gateway.states import WishState
from hanaper.core.actor import Actor, ActorKind
from hanaper.core.errors import NotFound
from hanaper.core.gateway.candidates import Candidate
from hanaper.core.gateway.domains import domain_of
from hanaper.core.gateway.statistics import Paths, add_codes, add_counts, add_paths, total
from hanaper.core.gateway.supply import Offer
from hanaper.core.gateway.wire import OriginState, Server

SECONDS_AN_HOUR, HOURS_A_DAY = 3600, 24
MOST_DAYS = 400
KEPT_PATHS = 1000


def gateways(actor: Actor, *, state: str = "", search: str = "") -> QuerySet[GatewayInstance]:
    """`search`: with what some part of a domain begins, or an id."""
    found = GatewayInstance.objects.visible_to(actor).select_related("order").prefetch_related("wishes")
    if search:
        found = found.filter(found_by(actor, search))
    return found.filter(state=state) if state else found


def gateway(actor: Actor, public_id: str) -> GatewayInstance:
    rows = GatewayInstance.objects.select_related("order", "account").prefetch_related("wishes")
    return rows.get_visible(actor, public_id, what="gateway")


def candidates(instance: GatewayInstance, domain: str, at: datetime) -> list[Candidate]:
    """Certificates of its account that could be served for `domain`, the one that lasts longest first."""
    return certificates.candidates(instance.account_id, domain_of(domain, settings.GATEWAY_ZONE), at)


def offers(instance: GatewayInstance, at: datetime) -> list[Offer]:
    """What a certificate could come from by itself, in its account; what would be taken first, first."""
    return supply.offers(instance.account_id, at)


def sites_naming(actor: Actor, contact: str) -> list[GatewayInstance]:
    """The sites whose certificates come by themselves in the name of a contact."""
    wishes = CertificateWish.objects.visible_to(actor).filter(contact=contact)
    found = wishes.exclude(state=WishState.ENDING).select_related("instance").order_by("instance__domain")
    return [wish.instance for wish in found]


def wish(instance: GatewayInstance) -> CertificateWish | None:
    """The certificate that it is to have by itself, if its owner wishes that."""
    return next((one for one in instance.wishes.all() if one.state != WishState.ENDING), None)


def domains_with(account_id: int, certificate: str) -> list[str]:
    """The domains that are served with a certificate of the account, in order."""
    rows = GatewayInstance.objects.filter(account=account_id, certificate=certificate)
    served = rows.filter(state__in=WITH_DOMAIN, resetting_since=None)
    return list(served.order_by("domain").values_list("domain", flat=True))


def domains_with_private(account_id: int) -> list[tuple[str, str, str]]:
    """Domain, certificate and source of each instance of the account that has a private certificate, or is to
    have one by itself."""
    rows = GatewayInstance.objects.filter(account=account_id, state__in=WITH_DOMAIN, resetting_since=None)
    wishes = CertificateWish.objects.filter(account=account_id, source__startswith="pca_")
    wished = wishes.exclude(state=WishState.ENDING).values("instance")
    found = rows.filter(Q(certificate__startswith="pct_") | Q(pk__in=wished))
    sources = ((row, wish(row)) for row in found.prefetch_related("wishes"))
    return [(row.domain, row.certificate, one.source if one else "") for row, one in sources]


def usage(instance: GatewayInstance, *, hours: int) -> list[UsageHour]:
    """The last so many hours in which anything was served, in order. They are those of the engines' clocks,
    which no sandbox moves."""
    newest = instance.usage.order_by("-hour")[:hours]
    return sorted(newest, key=lambda row: row.hour)


def begins_at(hour: UsageHour) -> datetime:
    return datetime.fromtimestamp(hour.hour * SECONDS_AN_HOUR, UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was served from `begins_at` on, for `seconds`: an hour, or a day of UTC. `lengths` and `paths` as
    core.gateway.statistics has them."""

    begins_at: datetime
    seconds: int
    visits: int
    bytes_out: int
    grcq: int
    requests: int
    cache_hits: int
    milliseconds: int
    statuses: Mapping[str, int]
    codes: Mapping[str, int]
    lengths: Sequence[int]
    paths: Paths

    @property
    def bits_per_second(self) -> int:
        """Outbound, on average."""
        return self.bytes_out * 8 // self.seconds


def usage_by_hour(instance: GatewayInstance, *, hours: int) -> list[Usage]:
    return [_together([row], SECONDS_AN_HOUR) for row in usage(instance, hours=hours)]


def usage_by_day(instance: GatewayInstance, *, days: int) -> list[Usage]:
    """The last so many days in which anything was served, in order."""
    last = instance.usage.order_by("-hour").values_list("hour", flat=True).first()
    if last is None:
        return []
    # At most so many hours hold so many days, idle ones included.
    rows = instance.usage.filter(hour__gte=(last // HOURS_A_DAY - MOST_DAYS) * HOURS_A_DAY).order_by("hour")
    by_day = [list(group) for _, group in groupby(rows, lambda row: row.hour // HOURS_A_DAY)]
    return [_together(group, HOURS_A_DAY * SECONDS_AN_HOUR) for group in by_day[-days:]]


def top_paths(instance: GatewayInstance, *, hours: int, most: int) -> dict[str, tuple[int, int]]:
    """The most asked for in the last so many hours in which anything was served: requests, bytes."""
    found: dict[str, tuple[int, int]] = {}
    for row in usage(instance, hours=hours):
        found = add_paths(found, row.paths, most=KEPT_PATHS)
    return add_paths({}, found, most=most)


def _together(rows: Sequence[UsageHour], seconds: int) -> Usage:
    """One or more hours of one day; it begins with the whole of `seconds`."""
    begins = rows[0].hour * SECONDS_AN_HOUR // seconds * seconds
    statuses: dict[str, int] = {}
    codes: dict[str, int] = {}
    paths: dict[str, tuple[int, int]] = {}
    for row in rows:
        statuses, codes = add_counts(statuses, row.statuses), add_codes(codes, row.codes)
        paths = add_paths(paths, row.paths)
    return Usage(
        begins_at=datetime.fromtimestamp(begins, UTC),
        seconds=seconds,
        visits=sum(row.visits for row in rows),
        bytes_out=sum(row.bytes_out for row in rows),
        grcq=sum(row.grcq for row in rows),
        requests=sum(row.requests for row in rows),
        cache_hits=sum(row.cache_hits for row in rows),
        milliseconds=sum(row.milliseconds for row in rows),
        statuses=statuses,
        codes=codes,
        lengths=total(row.lengths for row in rows),
        paths=paths,
    )


@dataclass(frozen=True, slots=True)
class OriginSeen:
    """An address of an origin, and at how many of the nodes it was found unwell; `problem` and `since` as the
    first of them said it."""

    address: str
    port: int
    weight: int
    backup: bool
    nodes: int
    unwell: int
    problem: str
    since: datetime | None


def origins(instance: GatewayInstance) -> list[OriginSeen]:
    """How the nodes find its origins, of those that its owner wishes to be looked at; all well otherwise."""
    serving = GatewayNode.objects.filter(retired_at=None)
    said = [
        OriginState.model_validate(one)
        for unwell in serving.values_list("unwell", flat=True)
        for one in unwell
    ]
    return [
        _origin(Server.model_validate(server), [one for one in said if one.instance == instance.public_id],
                serving.count())
        for server in instance.servers
    ]  # fmt: skip


def _origin(server: Server, said: Sequence[OriginState], nodes: int) -> OriginSeen:
    found = sorted(
        (one for one in said if (one.address, one.port) == (server.address, server.port)),
        key=lambda one: one.since,
    )
    return OriginSeen(
        address=server.address,
        port=server.port,
        weight=server.weight,
        backup=server.backup,
        nodes=nodes,
        unwell=len(found),
        problem=found[0].problem if found else "",
        since=datetime.fromtimestamp(found[0].since, UTC) if found else None,
    )


def purges(instance: GatewayInstance) -> QuerySet[Errand]:
    """Addresses that were or are being forgotten, in the last days."""
    return _with_runs(instance.errands.filter(kind=Errand.Kind.PURGE))


def errand(actor: Actor, instance: GatewayInstance, public_id: str, kind: str) -> Errand:
    found = Errand.objects.get_visible(actor, public_id, what=f"gateway {kind}", instance=instance, kind=kind)
    return _with_runs(Errand.objects.filter(pk=found.pk)).get()


def newest_log(instance: GatewayInstance, system_at: datetime) -> Errand | None:
    """What was asked for last of its access log, while it is kept."""
    rows = instance.errands.filter(kind=Errand.Kind.LOG, expires_at__gt=system_at)
    return _with_runs(rows).order_by("-asked_at", "-pk").first()


def nodes_failing() -> int:
    """Those that said of the last thing they were told that it cannot be done."""
    return GatewayNode.objects.filter(retired_at=None).exclude(error="").count()


def nodes_serving() -> int:
    return GatewayNode.objects.filter(retired_at=None).count()


def _with_runs(rows: QuerySet[Errand]) -> QuerySet[Errand]:
    """Each with `done`: how many of the nodes that serve have done it."""
    return rows.annotate(done=Count("runs", filter=Q(runs__node__retired_at=None)))


def nodes(actor: Actor) -> QuerySet[GatewayNode]:
    """Those that serve first, then those that were retired. Operators only: others see none."""
    if actor.kind not in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        return GatewayNode.objects.none()
    return GatewayNode.objects.order_by("retired_at", "pk")


def node(actor: Actor, public_id: str) -> GatewayNode:
    for found in nodes(actor):
        if found.public_id == public_id:
            return found
    raise NotFound(f"There is no node {public_id!r}.", code="gateway_node_not_found")


def nodes_that_serve() -> QuerySet[GatewayNode]:
    """For whoever watches the service as a whole."""
    return GatewayNode.objects.filter(retired_at=None).order_by("pk")


def instances_by_state() -> dict[str, int]:
    rows = GatewayInstance.objects.values_list("state").annotate(count=Count("pk")).order_by()
    return dict(rows)


def served_so_far() -> tuple[int, int]:
    """Visits and bytes of all instances."""
    sums = GatewayInstance.objects.aggregate(visits=Sum("visits"), size=Sum("bytes_out"))
    return sums["visits"] or 0, sums["size"] or 0


def changed_since(version: int) -> int:
    """How many instances, those that are not served any more included."""
    return GatewayInstance.objects.filter(version__gt=version).count()


def newest_version() -> int:
    return fleet.version()
