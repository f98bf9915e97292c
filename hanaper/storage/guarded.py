"""The one way out: an HTTP client for addresses that somebody else chose (server-side request forgery).

A name is resolved once, every address it has must lie outside (`outside.py`), and the connection goes to
exactly the address that was checked, so that a name server which answers differently the next time gains
nothing. Time, size, headers and redirects are limited over the whole exchange; each redirect is checked anew.
"""

import http.client
import re
import socket
import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

import dns.exception
import dns.resolver

from hanaper.storage.metered import Guarded, MeteredSocket
from hanaper.storage.outside import Address, Network, is_outside
from hanaper.storage.resolving import resolver

__all__ = [
    "Fetched",
    "Guarded",
    "Presented",
    "addresses_outside",
    "fetch",
    "handshake",
    "post",
    "refuse_address",
]

PORTS = (80, 443)
REDIRECTS = {301, 302, 307, 308}  # those that a check of control may follow (BR 3.2.2.4.18)
HEADER_BYTES = 16_384
LONGEST_URL = 2_000
MOST_ADDRESSES = 4  # tried one after the other
CONNECT_SECONDS = 4.0  # for one of them
DNS_SECONDS = 5.0
USER_AGENT = "hanaper-check/1"
# What somebody who tries the sandbox on their own machine writes.
THIS_MACHINE = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1"}

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found; `url` is the last one after redirects, `address` the one we connected to."""

    status: int
    body: bytes
    url: str
    address: str


@dataclass(frozen=True, slots=True)
class Presented:
    """What a TLS server showed: its certificate in DER, the protocol it chose (ALPN), where it is."""

    certificate: bytes
    protocol: str | None
    address: str


@dataclass(frozen=True, slots=True)
class _Limits:
    resolvers: tuple[str, ...]
    allow_loopback: bool
    ports: Collection[int]
    max_bytes: int
    deadline: float
    tls: ssl.SSLContext | None
    this_machine: bool = False  # whether it may be asked by its own names
    networks: tuple[Network, ...] = ()  # inside, and may be asked all the same
    numbers: bool = False  # whether an address may stand in place of a name


@dataclass(frozen=True, slots=True)
class _Message:
    """What is sent; `glimpse`: the status is what counts, and of the body what comes at once."""

    method: str = "GET"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = (("User-Agent", USER_AGENT), ("Accept", "*/*"))
    glimpse: bool = False


_GET = _Message()


def fetch(
    url: str,
    *,
    resolvers: Sequence[str],
    allow_loopback: bool,
    max_bytes: int = 65_536,
    seconds: float = 10,
    redirects: int = 3,
    ports: Collection[int] = PORTS,
    tls: ssl.SSLContext | None = None,
    networks: Sequence[Network] = (),
    numbers: bool = False,
) -> Fetched:
    """GET `url`, which somebody else chose. Raises `Guarded`, whose message is for whoever chose it.

    `resolvers` as for `resolving.resolver`; `seconds` is for all of it, redirects included; `ports` are those
    that may be asked; `tls` is another trust than the system's; `networks` may be asked although they lie
    inside; `numbers`: the first address may hold an IP address, in canonical form, in place of a name.
    """
    limits = _Limits(
        tuple(resolvers),
        allow_loopback,
        ports,
        max_bytes,
        time.monotonic() + seconds,
        tls or ssl.create_default_context(),
        networks=tuple(networks),
        numbers=numbers,
    )
    for _hop in range(redirects + 1):
        target = _target(url, limits)
        fetched, onward = _ask(target, limits, _GET)
        if onward is None:
            return fetched
        url, limits = urljoin(target.geturl(), onward), replace(limits, numbers=False)
    raise Guarded("too_many_redirects", f"There are more than {redirects} redirects.")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolvers: Sequence[str],
    allow_loopback: bool,
    max_bytes: int = 4_096,
    seconds: float = 10,
    ports: Collection[int] = PORTS,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    """POST `body` to `url`, which somebody else chose, behind the same guard; redirects are not followed.

    Any status is an answer. Of its body at most `max_bytes` are read, and only what comes with the first
    read: a body that never ends takes nothing back of a status that was given. Where loopback is allowed,
    this machine may also be called by its own names.
    """
    limits = _Limits(
        tuple(resolvers),
        allow_loopback,
        ports,
        max_bytes,
        time.monotonic() + seconds,
        tls or ssl.create_default_context(),
        this_machine=allow_loopback,
    )
    fetched, _ = _ask(_target(url, limits), limits, _Message("POST", body, tuple(headers.items()), True))
    return fetched


def handshake(
    host: str,
    port: int,
    *,
    server_name: str,
    tls: ssl.SSLContext,
    resolvers: Sequence[str],
    allow_loopback: bool,
    seconds: float = 10,
    networks: Sequence[Network] = (),
) -> Presented:
    """Connect to `host`, a name or an IP address that somebody else chose, and see what its TLS server shows
    for `server_name`. Raises `Guarded`; whether the certificate is trusted is as `tls` has it."""
    limits = _Limits(
        tuple(resolvers),
        allow_loopback,
        (port,),
        0,
        time.monotonic() + seconds,
        tls,
        networks=tuple(networks),
        numbers=True,
    )
    literal = f"[{host}]" if ":" in host else host
    target = _target(f"https://{literal}:{port}/", limits)
    plain, address = _connect(_host(target), port, limits)
    with _secured(plain, tls, server_name, limits) as secured:
        return Presented(secured.getpeercert(True) or b"", secured.selected_alpn_protocol(), address)


def addresses_outside(
    host: str,
    *,
    resolvers: Sequence[str],
    allow_loopback: bool,
    networks: Sequence[Network] = (),
    seconds: float = DNS_SECONDS,
) -> list[str]:
    """Every address of `host`, a name or an IP address that somebody else chose; all of them may be asked.
    Raises `Guarded`."""
    deadline = time.monotonic() + seconds
    limits = _Limits(
        tuple(resolvers), allow_loopback, (), 0, deadline, None, allow_loopback, tuple(networks), numbers=True
    )
    return [str(each) for each in _addresses(host, limits)]


def refuse_address(url: str, *, allow_loopback: bool, ports: Collection[int]) -> None:
    """Raise `Guarded` for an address that could never be asked, however its name resolves; asks nobody."""
    limits = _Limits((), allow_loopback, ports, 0, 0.0, None, this_machine=allow_loopback)
    _target(url, limits)


def _target(url: str, limits: _Limits) -> SplitResult:
    """The address taken apart, once it is known to be plain: no tricks of spelling get further."""
    # Before urlsplit, which silently drops tabs and line ends.
    if len(url) > LONGEST_URL or not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        raise Guarded("bad_address", "The address is too long or holds characters that do not belong there.")
    try:
        target = urlsplit(url)
        _ = target.port  # which is parsed only when it is asked for
    except ValueError:
        raise Guarded("bad_address", "This is not an address.") from None
    if target.scheme not in ("http", "https"):
        raise Guarded("bad_scheme", "Only http and https addresses are asked.")
    if "@" in target.netloc:
        raise Guarded("bad_address", "The address must hold no user name or password.")
    if _port(target) not in limits.ports:
        raise Guarded("bad_port", "Only the usual ports are asked.")
    if not (limits.this_machine and _host(target) in THIS_MACHINE) and not (
        limits.numbers and _number(_host(target))
    ):
        _refuse_unless_name(_host(target))
    return target


def _refuse_unless_name(host: str) -> None:
    """A name of at least two labels, and no address in any spelling (127.1, 0x7f000001, 0177.1, [::1])."""
    labels = host.split(".")
    # A last label that reads as a number makes it an IPv4 address to most parsers (WHATWG URL, "ends in a
    # number"), and inet_aton takes decimal, octal, hexadecimal and fewer than four parts.
    if ":" in host or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        raise Guarded("address_not_name", "The address must hold a name, not a number.")
    if len(labels) < 2 or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Guarded("bad_address", "The address holds no full name of a host.")


def _number(host: str) -> Address | None:
    """The address, if this is one in its canonical form and no other spelling."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address if str(address) == host else None


def _host(target: SplitResult) -> str:
    return (target.hostname or "").lower().removesuffix(".")


def _port(target: SplitResult) -> int:
    return _default_port(target) if target.port is None else target.port


def _default_port(target: SplitResult) -> int:
    return 443 if target.scheme == "https" else 80


def _remaining(limits: _Limits) -> float:
    left = limits.deadline - time.monotonic()
    if left <= 0:
        raise Guarded("timeout", "It took too long to answer.")
    return left


def _addresses(host: str, limits: _Limits) -> list[Address]:
    """Every address of the name, resolved here and now, all of them outside."""
    if limits.this_machine and host in THIS_MACHINE:
        return [ip_address(THIS_MACHINE[host])]
    number = _number(host)
    found: list[Address] = [] if number is None else [number]
    for kind in ("A", "AAAA") if number is None else ():
        asked = resolver(limits.resolvers, min(DNS_SECONDS, _remaining(limits)))
        try:
            answer = asked.resolve(host + ".", kind, search=False, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            continue
        except dns.exception.Timeout:
            raise Guarded("timeout", f"The name servers of {host} did not answer in time.") from None
        except dns.exception.DNSException:
            # SERVFAIL among others: a zone that fails DNSSEC is never permission (BR 3.2.2.4).
            raise Guarded("dns_error", f"The name servers of {host} answered with an error.") from None
        found += [ip_address(record.address) for record in answer.rrset or ()]
    # One answer for "none" and for "inside": which of them it is would tell of names and addresses inside.
    if not found or not all(
        is_outside(each, allow_loopback=limits.allow_loopback, networks=limits.networks) for each in found
    ):
        raise Guarded(
            "no_public_address",
            f"{host} has no address, or one that is not on the public internet, where we could look.",
        )
    return found


def _ask(target: SplitResult, limits: _Limits, message: _Message) -> tuple[Fetched, str | None]:
    """One request; what was found, and where it redirects to."""
    host, port = _host(target), _port(target)
    plain, address = _connect(host, port, limits)
    if target.scheme == "https":
        # TLS is for the name (RFC 6066 3, RFC 9110 4.3.4).
        plain = _secured(plain, limits.tls or ssl.create_default_context(), host, limits)
    metered = MeteredSocket(plain, limits.deadline, HEADER_BYTES)
    # Only reads and writes the socket it is given: it resolves nothing and connects nowhere.
    connection = http.client.HTTPConnection(host, port)
    connection.auto_open = 0
    connection.sock = metered
    try:
        path = target.path or "/"
        path += f"?{target.query}" if target.query else ""
        connection.putrequest(message.method, path, skip_host=True)
        literal = f"[{host}]" if ":" in host else host
        connection.putheader("Host", literal if port == _default_port(target) else f"{literal}:{port}")
        for name, value in message.headers:
            connection.putheader(name, value)
        if message.body is not None:
            connection.putheader("Content-Length", str(len(message.body)))
        connection.putheader("Connection", "close")
        connection.endheaders(message.body)
        response = connection.getresponse()
        onward = response.getheader("Location") if response.status in REDIRECTS else None
        # Twice, for the frames of a chunked body and its trailer.
        metered.allow(2 * limits.max_bytes)
        if message.glimpse:
            body = _glimpse(response, limits)
        else:
            body = b"" if onward is not None else _body(response, limits)
    except TimeoutError:
        raise Guarded("timeout", "It took too long to answer.") from None
    except (http.client.HTTPException, OSError, ValueError):
        raise Guarded("broken_answer", "The answer broke off, or was not HTTP.") from None
    finally:
        metered.end()
    return Fetched(response.status, body, target.geturl(), address), onward


def _body(response: http.client.HTTPResponse, limits: _Limits) -> bytes:
    body = response.read(limits.max_bytes + 1)
    if len(body) > limits.max_bytes:
        raise Guarded("too_big", f"The answer is longer than {limits.max_bytes} bytes.")
    if response.length:
        raise Guarded("broken_answer", "The answer broke off, or was not HTTP.")
    return body


def _glimpse(response: http.client.HTTPResponse, limits: _Limits) -> bytes:
    """What comes at once; the status was given already, whatever becomes of the rest."""
    try:
        return response.read1(limits.max_bytes)
    except (Guarded, http.client.HTTPException, OSError, ValueError):
        return b""


def _connect(host: str, port: int, limits: _Limits) -> tuple[socket.socket, str]:
    """A connection to one of the addresses just checked."""
    for address in _addresses(host, limits)[:MOST_ADDRESSES]:
        try:
            connected = socket.create_connection(
                (str(address), port), min(CONNECT_SECONDS, _remaining(limits))
            )
        except OSError:
            continue
        return connected, str(address)
    raise Guarded("no_connection", f"No connection could be made to {host}.")


def _secured(plain: socket.socket, tls: ssl.SSLContext, server_name: str, limits: _Limits) -> ssl.SSLSocket:
    try:
        plain.settimeout(_remaining(limits))
        return tls.wrap_socket(plain, server_hostname=server_name)
    except TimeoutError:
        plain.close()
        raise Guarded("timeout", "It took too long to answer.") from None
    except (OSError, ValueError):
        plain.close()
        raise Guarded("bad_tls", f"There is no valid TLS certificate for {server_name}.") from None
    except BaseException:
        plain.close()
        raise
