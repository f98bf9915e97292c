"""What a node serves of a snapshot: all of it, but for unwell origins and sites that cannot be served.

A site that the engine refuses holds up nobody else's: it goes on as it was served last, or not at all, and is
tried again when it changes, and now and then.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from hanaper.core.gateway.wire import KeyPair, LeftOut, Site, Snapshot
from hanaper.gateway_node.busy import Busy
from hanaper.gateway_node.engines import Engine, Refused
from hanaper.gateway_node.health import Watch
from hanaper.gateway_node.secrets import keep
from hanaper.gateway_node.sifting import Left, earlier, sift, without

NO_CERTIFICATE = "The service gives out no certificate for it."
AGAIN_SECONDS = 300.0  # until a site that is left out is tried again, though nobody changed it


class Kept(Snapshot):
    """What is served, as it came, and what is left out of it; no secrets."""

    left: tuple[Left, ...] = ()


class Serving:
    """`kept`: the file that the next node goes on from; `snapshot`: as it came, None before the first."""

    def __init__(self, engine: Engine, kept: Path | None, watch: Watch, busy: Busy) -> None:
        self._engine, self._kept, self._watch, self._busy = engine, kept, watch, busy
        self.snapshot: Snapshot | None = None
        self._left: dict[str, Left] = {}
        self._served: Snapshot | None = None  # without what is left out
        self._marked: Snapshot | None = None  # and without origins that are unwell
        self._again_at = 0.0
        try:
            self._go_on(Kept.model_validate_json(kept.read_bytes()) if kept else None)
        except (OSError, ValidationError):
            return  # the next snapshot will do

    def _go_on(self, before: Kept | None) -> None:
        if before is None:
            return
        self.snapshot = Snapshot(
            version=before.version, sites=before.sites, proofs=before.proofs, zone=before.zone
        )
        self._left = {one.site.instance: one for one in before.left}
        self._served = without(self.snapshot, self._left)
        self._watch.follow(self._served)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return tuple(
            LeftOut(instance=instance, said=one.said, earlier=one.served is not None, since=one.since)
            for instance, one in sorted(self._left.items())
        )

    @property
    def is_to_try_again(self) -> bool:
        """Whether something is left out, and it is time to see whether it still must be."""
        return bool(self._left) and time.monotonic() >= self._again_at

    def take(self, snapshot: Snapshot, certificates: Mapping[str, KeyPair]) -> None:
        """Serve it. What is left out and did not change is tried again only when it is time. EngineError, and
        everything as it was."""
        again, now = self.is_to_try_again, time.monotonic()
        if again:
            self._again_at = now + AGAIN_SECONDS
        left = {} if again else self._same(snapshot)
        here = self._engine.certificates() | certificates.keys()
        missing = [one for one in snapshot.sites if one.certificate not in here and one.instance not in left]
        if missing:
            before = self._before(snapshot, here)
            left |= {one.instance: self._leave(one, NO_CERTIFICATE, before) for one in missing}
        left = self._serve(snapshot, left, certificates, here)
        if left.keys() != self._left.keys():
            self._again_at = now + AGAIN_SECONDS
        self.snapshot, self._left = snapshot, left
        if self._kept is not None:
            kept = Kept(**dict(snapshot), left=tuple(left.values()))
            keep(self._kept, kept.model_dump_json())

    def _serve(
        self,
        snapshot: Snapshot,
        left: dict[str, Left],
        certificates: Mapping[str, KeyPair],
        here: set[str],
    ) -> dict[str, Left]:
        """What is left out in the end."""
        plan = without(snapshot, left)
        try:
            self._apply(plan, certificates)
        except Refused as refused:
            before, busiest = self._before(snapshot, here), self._busiest(plan)
            found = sift(
                plan,
                str(refused),
                before,
                lambda tried: self._engine.refuses(tried, busiest),
                suspects=self._left,
            )
            sites = {site.instance: site for site in snapshot.sites}
            left = left | {
                instance: self._leave(sites[instance], said, {} if served is None else before)
                for instance, (said, served) in found.items()
            }
            self._apply(without(snapshot, left), certificates)
        return left

    def _apply(self, plan: Snapshot, certificates: Mapping[str, KeyPair]) -> None:
        self._watch.follow(plan)
        marked = self._watch.marked(plan)
        self._engine.apply(marked, certificates, self._busiest(plan))
        self._served, self._marked = plan, marked

    def move_visitors(self) -> None:
        """Away from origins that are unwell, and back; and connections kept for who is busy now."""
        if self._served is None or self._served.version != self._engine.applied():
            return
        marked = self._watch.marked(self._served)
        crowded = len(marked.sites) > self._engine.alike
        others = crowded and self._busy.changed(self._engine.keeps, time.monotonic())
        if others or marked != self._marked:  # also at the start: nobody knows what the node before believed
            self._engine.apply(marked, {}, self._busiest(marked))
            self._marked = marked

    def _same(self, snapshot: Snapshot) -> dict[str, Left]:
        """Those left out of which nothing has changed since."""
        known = self._left
        return {
            site.instance: known[site.instance]
            for site in snapshot.sites
            if site.instance in known and known[site.instance].site == site
        }

    def _before(self, snapshot: Snapshot, here: set[str]) -> dict[str, Site]:
        """Its sites as they are served now, where they may be served so on."""
        served = {site.instance: site for site in self._served.sites} if self._served else {}
        forms = (earlier(site, served.get(site.instance), here) for site in snapshot.sites)
        return {form.instance: form for form in forms if form is not None}

    def _leave(self, site: Site, said: str, before: Mapping[str, Site]) -> Left:
        known = self._left.get(site.instance)
        since = int(time.time()) if known is None else known.since
        return Left(site=site, said=said, since=since, served=before.get(site.instance))

    def _busiest(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Where the engine must choose."""
        crowded = len(snapshot.sites) > self._engine.alike
        return self._busy.first(self._engine.keeps) if crowded else ()
