"""What nodes counted, taken once: the log's position and the sums move in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from hanaper.apps.events.services import emit
from hanaper.apps.events.vocabulary import EventKind
from hanaper.apps.gateway.fleet import touch
from hanaper.apps.gateway.models import GatewayInstance, GatewayNode, NodeLog, UsageHour
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.locks import lock_orders
from hanaper.core.gateway.grcq import grcq, passed
from hanaper.core.gateway.statistics import add_codes, add_counts, add_lengths, add_paths
from hanaper.core.gateway.wire import Batch, Tally
from hanaper.storage.crashpoints import crashpoint

SUMMED = [
    "visits", "bytes_out", "grcq", "requests", "cache_hits", "milliseconds", "statuses", "codes", "lengths",
    "paths",
]  # fmt: skip


def take(node: GatewayNode, batch: Batch, at: datetime) -> int:
    """The sums of a batch added to their hours, if it begins where the last one ended. How far the log was
    taken after it: a node that is told another position than it thought goes on from there."""
    with transaction.atomic():
        instances = _locked(batch.tallies)
        log, _ = NodeLog.objects.get_or_create(node=node, log=batch.log)
        fits = batch.end > batch.begin and NodeLog.objects.filter(pk=log.pk, taken=batch.begin).update(
            taken=batch.end
        )
        if not fits:
            return NodeLog.objects.values_list("taken", flat=True).get(pk=log.pk)
        costs = _add_to_hours(instances, batch.tallies)
        crashpoint("gateway.count.before_commit")
        for instance in instances.values():
            _add_to_instance(instance, batch.tallies, costs.get(instance.pk, 0), at)
    return batch.end


def _locked(tallies: Sequence[Tally]) -> dict[str, GatewayInstance]:
    """The instances by public id, their orders locked; what is unknown here is nobody's."""
    wanted = {tally.instance for tally in tallies}
    orders = GatewayInstance.objects.filter(public_id__in=wanted).values_list("order_id", flat=True)
    lock_orders(orders)
    return {each.public_id: each for each in GatewayInstance.objects.filter(public_id__in=wanted)}


def _add_to_hours(instances: dict[str, GatewayInstance], tallies: Sequence[Tally]) -> dict[int, int]:
    """By instance, how much GRCQ the hours cost more than before."""
    known = [tally for tally in tallies if tally.instance in instances]
    UsageHour.objects.bulk_create(
        (UsageHour(instance=instances[tally.instance], hour=tally.hour) for tally in known),
        ignore_conflicts=True,
    )
    hours = {
        (row.instance_id, row.hour): row
        for row in UsageHour.objects.filter(
            instance__in=instances.values(), hour__in={tally.hour for tally in known}
        )
    }
    costs: dict[int, int] = {}
    for tally in known:
        row = hours[instances[tally.instance].pk, tally.hour]
        row.visits += tally.visits
        row.bytes_out += tally.bytes_out
        row.requests += tally.requests
        row.cache_hits += tally.cache_hits
        row.milliseconds += tally.milliseconds
        row.statuses = add_counts(row.statuses, tally.statuses)
        row.codes = add_codes(row.codes, tally.codes)
        row.lengths = add_lengths(row.lengths, tally.lengths)
        row.paths = add_paths(row.paths, tally.paths)
        before, row.grcq = row.grcq, grcq(row.visits, row.bytes_out)
        costs[row.instance_id] = costs.get(row.instance_id, 0) + row.grcq - before
    UsageHour.objects.bulk_update(hours.values(), SUMMED, batch_size=500)
    return costs


def _add_to_instance(instance: GatewayInstance, tallies: Sequence[Tally], cost: int, at: datetime) -> None:
    own = [tally for tally in tallies if tally.instance == instance.public_id]
    GatewayInstance.objects.filter(pk=instance.pk).update(
        visits=F("visits") + sum(tally.visits for tally in own),
        bytes_out=F("bytes_out") + sum(tally.bytes_out for tally in own),
        grcq_used=F("grcq_used") + cost,
    )
    used = instance.grcq_used + cost
    level = passed(used, instance.grcq_included) or 0
    if level <= instance.told:
        return
    GatewayInstance.objects.filter(pk=instance.pk).update(told=level)
    exhausted = level == 100
    active = GatewayInstance.objects.filter(pk=instance.pk, state=GatewayState.ACTIVE)
    if exhausted and active.update(state=GatewayState.QUOTA_EXHAUSTED):
        touch(instance)
    emit(
        EventKind.GATEWAY_QUOTA_EXHAUSTED if exhausted else EventKind.GATEWAY_QUOTA_LOW,
        account_id=instance.account_id,
        subject=instance.public_id,
        at=at,
        dedupe=f"{instance.public_id}:quota:{level}",
        data={
            "domain": instance.domain or instance.public_id,
            "percent": level,
            "used": used,
            "included": instance.grcq_included,
        },
    )
