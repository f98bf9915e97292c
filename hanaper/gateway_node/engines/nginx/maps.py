"""The rows: everything of a site that nginx takes by variable, as maps from the site that was asked for.

A map holds what differs from its default, so that most sites are a few rows. What is long and often the same
for many (rules for the cache, lists of networks) is there once, and a map says whose it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from hanaper.core.gateway.behaviour import Behaviour, Hsts
from hanaper.core.gateway.wire import Proof, Site
from hanaper.gateway_node.engines.nginx.classes import Class
from hanaper.gateway_node.engines.nginx.quoting import key, pattern, quoted

# The source: the site of the Host that was asked for; the instance's public id, or empty.
SITE = "$gw_site"
# Each variable: from what, and its value where no row stands. Those that are not here: SITE, and nothing.
MAPS = {
    "$gw_site": ("$host", '""'),
    "$gw_sni": ("$ssl_server_name", '""'),
    "$gw_certificate": ("$ssl_server_name", '""'),
    "$gw_origin_name": (SITE, '""'),
    "$gw_epoch": (SITE, '"0"'),
    # The name that was asked for, as nginx has found and checked it, unless the site says another. Never the
    # header as it came: an answer to a Host of somebody's choice would be kept for everybody.
    "$gw_host": (SITE, "$host"),
    "$gw_force_https": (SITE, '"1"'),
    "$gw_strict": (SITE, '""'),
    "$gw_proof": ('"$host $uri"', '""'),
    "$gw_denied": (SITE, '"0"'),
    **{f"$gw_redirect_{status}": ('"$gw_site $uri"', '""') for status in (301, 302, 307, 308)},
}
Row = tuple[str, str]  # variable, line


@dataclass(frozen=True, slots=True)
class Piece:
    """What one site adds. `name` and `domain`: instance and domain as the left side of a map; `certificate`:
    the file of its chain and key; `rules` and `networks`: lines of a block; `upstream`: its name, `servers`
    the lines of it; `address`: of the only server, empty if there are several."""

    instance: str
    name: str
    domain: str
    certificate: str
    kind: Class
    rows: tuple[Row, ...]
    rules: str
    networks: str
    upstream: str
    servers: str
    address: str


def render_maps(sites: Sequence[Piece], proofs: Sequence[Proof]) -> str:
    lines: dict[str, list[str]] = {variable: [] for variable in MAPS}
    rules: dict[str, str] = {}
    networks: dict[str, str] = {}
    for site in sites:
        for variable, line in site.rows:
            lines.setdefault(variable, []).append(line)
        if site.rules:
            lines.setdefault("$gw_kept", []).append(_shared(site, rules, site.rules, "$gw_kept"))
        if site.networks:
            lines["$gw_denied"].append(_shared(site, networks, site.networks, "$gw_denied"))
    for kind in {site.kind for site in sites}:
        for name in kind.request_headers:  # also what is only removed
            lines.setdefault(header_variable("request", name), [])
    lines["$gw_proof"] = [f"    {key(f'{one.domain} {one.path}')} {quoted(one.content)};\n" for one in proofs]
    return "\n".join(
        [
            *(_block(f"geo {variable}", said) for said, variable in networks.items()),
            *(_block(f"map $uri {variable}", said) for said, variable in rules.items()),
            *(_map(variable, rows) for variable, rows in lines.items()),
        ]
    )


def rows_of(site: Site, certificates: str) -> Iterator[Row]:
    """All but its origins. `certificates`: the folder of the files, as nginx finds it."""
    behaviour = site.behaviour
    domain, instance = key(site.domain), key(site.instance)
    named = f"    {domain} {quoted(site.instance)};\n"
    yield "$gw_site", named
    yield "$gw_sni", named
    yield "$gw_certificate", f"    {domain} {certificate_file(site, certificates)};\n"
    for variable, value in _values(site):
        yield variable, f"    {instance} {value};\n"
    for one in behaviour.redirects:
        asked = key(f"{site.instance} {unquote(one.path)}")
        yield redirect_variable(one.status), f"    {asked} {quoted(one.to)};\n"


def certificate_file(site: Site, certificates: str) -> str:
    return quoted(f"{certificates}/{site.certificate}.pem")


def _values(site: Site) -> Iterator[Row]:
    """Of the site by itself, where it is not the default."""
    behaviour = site.behaviour
    if behaviour.origins[0].scheme == "https":
        yield "$gw_origin_name", quoted(site.origin_name)
    if site.epoch:
        yield "$gw_epoch", str(site.epoch)
    if behaviour.host_header:
        yield "$gw_host", quoted(behaviour.host_header)
    if not behaviour.force_https:
        yield "$gw_force_https", '""'
    if behaviour.hsts.seconds:
        yield "$gw_strict", quoted(_hsts(behaviour.hsts))
    added = {"request": behaviour.request_headers.add, "response": behaviour.response_headers.add}
    for direction, headers in added.items():
        # One without a value nginx leaves out. Names in two spellings are one.
        for name, value in {name.lower(): value for name, value in headers.items()}.items():
            yield header_variable(direction, name), quoted(value)


def rules_of(behaviour: Behaviour) -> str:
    """From a path to seconds. nginx takes the first pattern that matches: the longest prefix stands first."""
    rules = sorted(behaviour.cache.rules, key=lambda rule: -len(rule.prefix))
    return "".join(f"    {pattern(unquote(rule.prefix))} {rule.seconds};\n" for rule in rules)


def networks_of(behaviour: Behaviour) -> str:
    """RFC 4632: the most specific network decides; with a list of who may come in, nobody else does."""
    rows = dict.fromkeys(behaviour.allow, "0") | dict.fromkeys(behaviour.deny, "1")
    if not rows:
        return ""
    lines = "".join(f"    {network} {value};\n" for network, value in rows.items())
    return f"    default {'1' if behaviour.allow else '0'};\n{lines}"


def header_variable(direction: str, name: str) -> str:
    return f"$gw_{direction}_{name.replace('-', '_')}"


def redirect_variable(status: int) -> str:
    return f"$gw_redirect_{status}"


def _hsts(hsts: Hsts) -> str:
    parts = [f"max-age={hsts.seconds}"]
    parts += ["includeSubDomains"] * hsts.subdomains + ["preload"] * hsts.preload
    return "; ".join(parts)


def _shared(site: Piece, known: dict[str, str], said: str, variable: str) -> str:
    """The row that leads to the one block that says it."""
    return f"    {site.name} {known.setdefault(said, f'{variable}_{len(known)}')};\n"


def _map(variable: str, rows: list[str]) -> str:
    source, default = MAPS.get(variable, (SITE, '""'))
    return _block(f"map {source} {variable}", f"    default {default};\n{''.join(rows)}")


def _block(head: str, lines: str) -> str:
    return f"{head} {{\n{lines}}}"
