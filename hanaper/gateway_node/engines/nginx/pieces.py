"""What each site adds to the configuration, made once for each state of it: of ten thousand
that are there, one has changed.
"""

import zlib
from collections.abc import Iterable, Sequence

from hanaper.core.gateway.wire import Server, Site
from hanaper.gateway_node.engines.nginx.classes import Class, class_of
from hanaper.gateway_node.engines.nginx.maps import Piece, certificate_file, networks_of, rows_of, rules_of
from hanaper.gateway_node.engines.nginx.quoting import key

# nginx looks an upstream up by comparing it with all of them, when it is configured and at each request: ten
# thousand took it three seconds. So no more sites than these get one only to have connections kept.
MOST_UPSTREAMS = 1000
NOWHERE = "o_nowhere"  # the upstream of those without an origin


class Pieces:
    """`certificates`: the folder of the files, as nginx finds it."""

    def __init__(self, certificates: str) -> None:
        self._certificates = certificates
        self._made: dict[str, tuple[Site, Piece]] = {}
        self._kinds: dict[Class, Class] = {}  # one object each, so that comparing them is quick

    def of(self, sites: Iterable[Site]) -> list[Piece]:
        """In the order of their instances. What is not among `sites` any more is forgotten."""
        before, made = self._made, {}
        for site in sorted(sites, key=lambda site: site.instance):
            found = before.get(site.instance)
            # A site is never changed: the same one says the same.
            made[site.instance] = found if found and found[0] is site else (site, self._piece(site))
        self._made = made
        return [piece for _, piece in made.values()]

    def _piece(self, site: Site) -> Piece:
        kind = class_of(site)
        return Piece(
            instance=site.instance,
            name=key(site.instance),
            domain=key(site.domain),
            certificate=certificate_file(site, self._certificates),
            kind=self._kinds.setdefault(kind, kind),
            rows=tuple(rows_of(site, self._certificates)),
            rules=rules_of(site.behaviour) if kind.ruled else "",
            networks=networks_of(site.behaviour),
            upstream=_upstream(site.instance),
            servers=_servers(site.servers),
            address=_address(site.servers[0]) if len(site.servers) == 1 else "",
        )


def with_upstreams(pieces: Sequence[Piece], busiest: Iterable[str]) -> list[Piece]:
    """Those that get one: where an origin stands in for another, and else the busiest. Those come first, as
    nginx finds first what stands first."""
    known = {piece.instance: piece for piece in pieces if piece.servers}
    first = {instance: known[instance] for instance in busiest if instance in known}
    left = MOST_UPSTREAMS - sum(not piece.address for piece in known.values())
    chosen = []
    for piece in (first | known).values():
        if piece.address:
            left -= 1
        if left >= 0 or not piece.address:
            chosen.append(piece)
    return chosen


def _upstream(instance: str) -> str:
    """Of different lengths: these nginx compares first."""
    return f"o_{instance}_" + "_" * (zlib.crc32(instance.encode()) % 199)


def _servers(servers: Sequence[Server]) -> str:
    # Two origins may lead to one address; nginx refuses an upstream of nothing but spare ones.
    spare = any(not one.backup for one in servers)
    return "\n".join(
        f"server {_address(one)} weight={one.weight}{' backup' * (one.backup and spare)}"
        f" max_fails=2 fail_timeout=10s{' down' * one.down};"
        for one in servers
    )


def _address(one: Server) -> str:
    return f"[{one.address}]:{one.port}" if ":" in one.address else f"{one.address}:{one.port}"
