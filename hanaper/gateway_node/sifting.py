"""Which sites an engine takes, when it does not take all of them: found by trying halves, in a bounded number
of tries, first over what has changed, then over all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from hanaper.core.gateway.wire import Site, Snapshot
from hanaper.gateway_node.engines import EngineError

MOST_TRIES = 200
UNTRIED = "It was not tried: too many others were refused."
LONGEST_SAID = 500

Refuses = Callable[[Snapshot], str]


class Left(BaseModel):
    """A site that is not served as it is to be. `served`: an earlier form of it, which is served meanwhile;
    `said`: why; `since`: seconds of the Unix epoch."""

    model_config = ConfigDict(frozen=True)

    site: Site
    said: str
    since: int
    served: Site | None = None


def without(snapshot: Snapshot, left: Mapping[str, Left]) -> Snapshot:
    """What is served of it: the earlier forms of those that are left, or nothing of them."""
    if not left:
        return snapshot
    served = (left[one.instance].served if one.instance in left else one for one in snapshot.sites)
    return snapshot.model_copy(update={"sites": tuple(one for one in served if one is not None)})


def earlier(site: Site, known: Site | None, certificates: set[str]) -> Site | None:
    """How the same domain was served of it last, with what is not its owner's: the certificate that is here,
    what was purged, whether quota is left."""
    if known is None or known.domain != site.domain:
        return None
    if known is site:
        return site
    certificate = site.certificate if site.certificate in certificates else known.certificate
    if certificate not in certificates:
        return None
    own = {"certificate": certificate, "epoch": site.epoch, "closed": site.closed, "version": site.version}
    return known.model_copy(update=own)


def sift(
    snapshot: Snapshot,
    wrong: str,
    before: Mapping[str, Site],
    refuses: Refuses,
    *,
    suspects: Iterable[str] = (),
) -> dict[str, tuple[str, Site | None]]:
    """For each instance that cannot be served as `snapshot` says: what the engine says, and the form that is
    served instead. `wrong`: what it says of the whole; `before`: forms of these sites that were served, by
    instance; `suspects`: those that are tried last.

    EngineError where no site is to blame: the engine refuses to serve nothing, or most of what it served.
    """
    found = _Sifting(snapshot, refuses)
    found.taken = {site.instance: before[site.instance] for site in snapshot.sites if site.instance in before}
    doubtful = set(suspects)
    sites = sorted(snapshot.sites, key=lambda site: site.instance in doubtful)
    if not found.refused(found.taken):
        changed = [site for site in sites if found.differs(site)]
        return {
            instance: (said, before.get(instance)) for instance, said in found.take(changed, wrong).items()
        }
    found.taken = {}
    if refused := found.refused({}):
        raise EngineError(refused)
    left = found.take(sites, wrong)
    still = found.take([before[instance] for instance in left if instance in before])
    lost = [instance for instance in left if instance in before and instance in still]
    if len(lost) * 2 > len(before):
        raise EngineError(wrong)
    return {
        instance: (said, None if instance in still else before.get(instance))
        for instance, said in left.items()
    }


class _Sifting:
    """`taken`: sites that the engine takes together."""

    def __init__(self, snapshot: Snapshot, refuses: Refuses) -> None:
        self._snapshot, self._refuses = snapshot, refuses
        self.taken: dict[str, Site] = {}
        self._tries = MOST_TRIES

    def differs(self, site: Site) -> bool:
        known = self.taken.get(site.instance)
        return known is not site and known != site

    def refused(self, sites: Mapping[str, Site]) -> str:
        self._tries -= 1
        return self._refuses(self._snapshot.model_copy(update={"sites": tuple(sites.values())}))

    def take(self, sites: Sequence[Site], wrong: str = "") -> dict[str, str]:
        """Add what the engine takes to `taken`; the others by instance, with what it says of each. `wrong`:
        what is known to be said of all of them together."""
        if not sites:
            return {}
        if not wrong:
            if self._tries <= 0:
                return dict.fromkeys((site.instance for site in sites), UNTRIED)
            more = self.taken | {site.instance: site for site in sites}
            wrong = self.refused(more)
            if not wrong:
                self.taken = more
                return {}
        if len(sites) == 1:
            return {sites[0].instance: wrong[:LONGEST_SAID]}
        half = len(sites) // 2
        first = self.take(sites[:half])
        # What is refused together, though its first half is taken, is refused for its second.
        return first | self.take(sites[half:], "" if first else wrong)
