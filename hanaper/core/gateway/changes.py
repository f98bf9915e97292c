"""From one snapshot to the next by what has changed: all of it, or not at all."""

from hanaper.core.gateway.wire import Changes, Snapshot


def after(before: Snapshot, changes: Changes) -> Snapshot | None:
    """The snapshot after `changes`, in which a site that did not change is the same object. None if they do
    not lead from `before` to what is served: ask for all of it then."""
    if changes.since != before.version:
        return None
    sites = {site.instance: site for site in before.sites} | {site.instance: site for site in changes.sites}
    for instance in changes.gone:
        sites.pop(instance, None)
    if (len(sites), sum(site.version for site in sites.values())) != (changes.count, changes.versions):
        return None
    return Snapshot(
        version=changes.version, sites=tuple(sites.values()), proofs=changes.proofs, zone=changes.zone
    )
