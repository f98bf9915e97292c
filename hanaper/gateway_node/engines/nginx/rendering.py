"""A snapshot as nginx's configuration: text in, text out, and the same text for the same snapshot.

What is so for every site stands in the `.conf` files beside this one; what is of one site, in maps (maps.py);
what nginx takes no variable for, in a server block for each class (classes.py). All of it is here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hanaper.core.gateway.wire import Snapshot
from hanaper.gateway_node.engines import Listen
from hanaper.gateway_node.engines.nginx.classes import Class
from hanaper.gateway_node.engines.nginx.finding import Binary
from hanaper.gateway_node.engines.nginx.maps import Piece, header_variable, redirect_variable, render_maps
from hanaper.gateway_node.engines.nginx.pieces import NOWHERE, Pieces, with_upstreams
from hanaper.gateway_node.engines.nginx.quoting import quoted

STATIC = ("common.conf", "passing.conf", "compression.conf", "pages.conf")
CERTIFICATES, AUTHORITIES, CACHE = "certificates", "authorities", "cache"
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# nginx looks for certificates from where its configuration stands: generations/<version>.
ABOVE = "../../"
# From which versions on.
CERTIFICATE_CACHE, HTTP2_DIRECTIVE, KEEPALIVE_MIN = (1, 27, 4), (1, 25, 1), (1, 27, 4)
RATES = (5, 10, 50, 100, 500)
# Of one visitor and site. Nothing else ends a loop through a proxy that takes out our headers: one visit
# takes every connection that there is, those of other sites too.
MOST_AT_ONCE = 1000
KEPT = (0, 60, 300, 3600, 86_400, 604_800, 31_536_000)
FLOWING = ("proxy_buffering off;",)
# For jumps, statuses that nobody else uses.
FLOWS = 469
FIRST_KEPT = 460  # from here on one for each of KEPT
PROVING = "if ($gw_proof) { set $gw_counted 0; return 200 $gw_proof; }"
# So many of the busiest have a server block to themselves: a request that names its upstream by variable
# takes nginx a tenth longer, and so does a connection whose certificate is read when it comes.
MOST_ALONE = 32
LOOP = "This site's origin leads back to the gateway that asks it (RFC 8586)."
PAGES = {"maintenance": 490, "exhausted": 491}  # pages.conf


@dataclass(frozen=True, slots=True)
class Machine:
    """What a node's own settings say. `user` and `group`: of the workers, when the node runs as root;
    `drain_seconds`: for how long requests that began before a change may go on; `stop_seconds`: all of them,
    when nginx is to stop."""

    binary: Binary
    listen: Listen
    user: str = ""
    group: str = ""
    drain_seconds: int = 600
    stop_seconds: float = 10
    cache_megabytes: int = 1024
    system_authorities: str = SYSTEM_AUTHORITIES


def render(snapshot: Snapshot, machine: Machine, pieces: Pieces, busiest: Iterable[str] = ()) -> str:
    """nginx.conf. `busiest`: instances whose visitors ask most."""
    made = pieces.of(snapshot.sites)
    proofs = sorted(snapshot.proofs, key=lambda proof: (proof.domain, proof.path))
    proving = PROVING if proofs else ""
    pooled = with_upstreams(made, busiest)
    alone = {piece.instance: piece for piece in pooled[:MOST_ALONE]}
    together = _classes(piece for piece in made if piece.instance not in alone)
    blocks = [
        *_process(machine),
        "http {",
        *_of_machine(machine, len(made)),
        "include common.conf;",
        *_loops(snapshot.loop_name),
        render_maps(made, proofs),
        *_origins(made, pooled),
        *_refusing(machine),
        *(_serving(machine, kind, members, proving) for kind, members in together.items()),
        *(_serving(machine, one.kind, [one], proving, one) for one in alone.values()),
        "}",
    ]
    return "\n".join(blocks) + "\n"


def _classes(pieces: Iterable[Piece]) -> dict[Class, list[Piece]]:
    """Those in use, each with its sites."""
    found: dict[Class, list[Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.kind, []).append(piece)
    return dict(sorted(found.items()))


def authority_file(kind: Class) -> str:
    """Where the CA of its origins stands."""
    return f"{AUTHORITIES}/{kind.name}.pem"


def _process(machine: Machine) -> Iterator[str]:
    if machine.user:
        yield f"user {machine.user} {machine.group};"
    yield "worker_processes auto;"
    yield f"worker_shutdown_timeout {machine.drain_seconds}s;"
    if machine.binary.http3:
        yield "quic_bpf on;"  # else a change mixes up whose packets are whose
    yield "pid nginx.pid;"
    yield "error_log log/error.log warn;"
    yield "events { worker_connections 8192; }"


def _of_machine(machine: Machine, sites: int) -> Iterator[str]:
    hash_size = 1 << max(16, (sites * 4).bit_length())
    yield f"map_hash_max_size {hash_size};"
    yield f"server_names_hash_max_size {hash_size};"
    yield (
        f"proxy_cache_path {CACHE} levels=1:2 keys_zone=gw_cache:32m max_size={machine.cache_megabytes}m"
        " inactive=1d use_temp_path=off;"
    )
    if machine.binary.version >= CERTIFICATE_CACHE:
        yield "ssl_certificate_cache max=2000 inactive=1h valid=10s;"
    if machine.binary.version >= KEEPALIVE_MIN:
        # A change closes no kept connection on which somebody may be asking just now.
        yield "keepalive_min_timeout 1s;"
    yield "limit_conn_zone $gw_site$binary_remote_addr zone=gw_at_once:32m;"
    yield f"limit_conn gw_at_once {MOST_AT_ONCE};"
    for rate in RATES:
        yield f"limit_req_zone $gw_site$binary_remote_addr zone=gw_{rate}:10m rate={rate}r/s;"


def _loops(zone: str) -> Iterator[str]:
    """RFC 8586: every request to an origin says that it came through here, and one that says so is not sent
    again. It says so twice. A proxy in between may add CDN-Loop as a line of its own, and of two lines nginx
    reads only the first before 1.23; Gateway-Loop is nobody else's, so that it stays one."""
    ours = f"~*(^|[ \\t,]){re.escape(zone)}[ \\t]*([,;]|$)"
    yield _block('map "$http_cdn_loop,$http_gateway_loop" $gw_loop', ['default "";', f'"{ours}" 1;'])
    named = quoted(zone)
    for name in ("cdn_loop", "gateway_loop"):
        more = f'"$http_{name}, {named[1:]}'
        yield _block(f"map $http_{name} $gw_{name}", [f"default {more};", f'"" {named};'])


def _origins(pieces: Iterable[Piece], pooled: list[Piece]) -> Iterator[str]:
    """For each site its upstream, whose connections are kept, or the address of its only origin."""
    named = {piece.instance for piece in pooled}
    rows = (
        f"{piece.name} {piece.upstream if piece.instance in named else piece.address or NOWHERE};"
        for piece in pieces
    )
    yield _block("map $gw_site $gw_upstream", list(rows))
    yield _block(f"upstream {NOWHERE}", ["server 127.0.0.1:9 down;"])
    for piece in pooled:
        yield _block(f"upstream {piece.upstream}", [piece.servers, "keepalive 16;"])


def _refusing(machine: Machine) -> Iterator[str]:
    """Who asks for a name that is not served here learns nothing, but for the proofs of one that is to be."""
    quic = [f"listen {one}:{machine.listen.https} quic default_server reuseport;" for one in _quic(machine)]
    secure = _listens(machine, machine.listen.https, " ssl default_server")
    # A request on somebody's connection, for a name that is nobody's (RFC 9110 7.4).
    yield _block("server", [*secure, *quic, "ssl_reject_handshake on;", "set $gw_counted 0;", "return 421;"])
    plain = _listens(machine, machine.listen.http, " default_server")
    yield _block("server", [*plain, "set $gw_counted 0;", PROVING, "return 444;"])


def _serving(
    machine: Machine, kind: Class, members: list[Piece], proving: str, alone: Piece | None = None
) -> str:
    """One class: a server block for all the domains in it, or for the one that is `alone`."""
    upstream = alone.upstream if alone else "$gw_upstream"
    certificate = alone.certificate if alone else "$gw_certificate"
    http3 = kind.http3 and machine.binary.http3
    lines = [
        *_ways_in(machine, http3),
        "server_name " + "\n        ".join(piece.domain for piece in members) + ";",
        f"ssl_certificate {certificate};",
        f"ssl_certificate_key {certificate};",
        "ssl_protocols TLSv1.3;" if kind.least_tls == "1.3" else "",
        *_answers_of_its_own(machine, kind, proving),
        f"client_max_body_size {kind.upload_megabytes}m;",
        "include compression.conf;" if kind.compression else "",
        *(f"add_header {name} {header_variable('response', name)} always;" for name in kind.response_headers),
        "add_header Strict-Transport-Security $gw_hsts always;" if kind.strict else "",
        f"add_header Alt-Svc 'h3=\":{machine.listen.https}\"; ma=86400' always;" if http3 else "",
        "add_header X-Cache $upstream_cache_status always;" if kind.cached else "",
        "include pages.conf;",
        *_locations(machine, kind, upstream),
    ]
    return _block("server", [line for line in lines if line])


def _ways_in(machine: Machine, http3: bool) -> Iterator[str]:
    directive = machine.binary.version >= HTTP2_DIRECTIVE
    yield from _listens(machine, machine.listen.http, "")
    yield from _listens(machine, machine.listen.https, " ssl" if directive else " ssl http2")
    if directive:
        yield "http2 on;"
    if http3:
        yield from (f"listen {one}:{machine.listen.https} quic;" for one in _quic(machine))


def _answers_of_its_own(machine: Machine, kind: Class, proving: str) -> Iterator[str]:
    """What is never asked of an origin. Refusals cost the owner nothing; redirects are visits like others."""
    port = "" if machine.listen.https == 443 else f":{machine.listen.https}"
    yield "set $gw_counted 1;"
    # One connection is for one site, whatever its requests say (RFC 9110 7.4).
    yield "if ($gw_site != $gw_expected) { set $gw_counted 0; return 421; }"
    if proving:
        yield proving
    yield f'if ($gw_loop) {{ set $gw_counted 0; return 508 "{LOOP}"; }}'
    if kind.least_tls == "1.3":
        yield 'if ($ssl_protocol = "TLSv1.2") { set $gw_counted 0; return 426; }'
    if kind.guarded:
        yield "if ($gw_denied) { set $gw_counted 0; return 403; }"
    if kind.closed:
        yield "set $gw_counted 0;"
        yield f"return {PAGES[kind.closed]};"
    # First: what a redirect says is answered over https too, with all that protects it there.
    yield f"if ($gw_to_https) {{ return 308 https://$host{port}$request_uri; }}"
    for variable in map(redirect_variable, kind.redirects):
        yield f"if ({variable}) {{ return {variable[-3:]} {variable}; }}"


def _locations(machine: Machine, kind: Class, upstream: str) -> Iterator[str]:
    """`/`, one for what is not kept, and one for each length of time that rules keep answers for: nginx takes
    no variable there."""
    passing = list(_passing(machine, kind, upstream))
    if not kind.cached:
        yield _block("location /", [*FLOWING, *passing])
        return
    jumps = [f"error_page {FLOWS} = @flowing; if ($gw_flows) {{ return {FLOWS}; }}"]
    jumps += [
        f'error_page {status} = @kept_{seconds}; if ($gw_kept = "{seconds}") {{ return {status}; }}'
        for status, seconds in enumerate(KEPT, FIRST_KEPT)
        if kind.ruled
    ]
    yield _block("location /", [*jumps, "proxy_cache gw_cache;", *passing])
    yield _block("location @flowing", [*FLOWING, *passing])
    for seconds in KEPT if kind.ruled else ():
        yield _block(f"location @kept_{seconds}", [*_kept(seconds), *passing])


def _kept(seconds: int) -> Iterator[str]:
    if not seconds:
        yield from FLOWING
    else:
        yield "proxy_cache gw_cache;"
        yield "proxy_ignore_headers X-Accel-Expires Expires Cache-Control;"
        yield f"proxy_cache_valid 200 206 301 302 404 {seconds}s;"


def _passing(machine: Machine, kind: Class, upstream: str) -> Iterator[str]:
    if kind.rate:
        yield f"limit_req zone=gw_{kind.rate} burst={kind.rate} nodelay;"
    yield "include passing.conf;"
    yield from (
        f"proxy_set_header {name} {header_variable('request', name)};" for name in kind.request_headers
    )
    # What is set stands instead of the origin's own.
    hidden = sorted({*kind.hidden_headers, *kind.response_headers})
    yield from (f"proxy_hide_header {name};" for name in hidden)
    yield f"proxy_connect_timeout {kind.connect_seconds}s;"
    yield f"proxy_read_timeout {kind.answer_seconds}s;"
    yield f"proxy_send_timeout {kind.answer_seconds}s;"
    if kind.verify:
        trusted = ABOVE + authority_file(kind) if kind.origin_ca else machine.system_authorities
        yield "proxy_ssl_verify on;"
        yield "proxy_ssl_verify_depth 4;"
        yield f"proxy_ssl_trusted_certificate {quoted(trusted)};"
    yield f"proxy_pass {'https' if kind.https_origin else 'http'}://{upstream};"


def _block(head: str, lines: list[str]) -> str:
    inner = "\n".join(lines).replace("\n", "\n    ")
    return f"{head} {{\n    {inner}\n}}"


def _listens(machine: Machine, port: int, options: str) -> list[str]:
    return [f"listen {address}:{port}{options};" for address in machine.listen.addresses]


def _quic(machine: Machine) -> tuple[str, ...]:
    return machine.listen.addresses if machine.binary.http3 else ()
