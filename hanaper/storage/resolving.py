"""Looking names up: the one way to a resolver, so that every part asks the configured name servers."""

from collections.abc import Sequence

import dns.nameserver
import dns.resolver


def resolver(addresses: Sequence[str], seconds: float) -> dns.resolver.Resolver:
    """A resolver without a cache, made anew for each look: each look is a look.

    `addresses` such as `192.0.2.53` or `127.0.0.1:5353`, empty for the system's; `seconds` for one look, all
    name servers together.
    """
    made = dns.resolver.Resolver(configure=not addresses)
    if addresses:
        made.nameservers = [_nameserver(each) for each in addresses]
    made.lifetime = seconds
    made.timeout = seconds / 2
    return made


def _nameserver(address: str) -> dns.nameserver.Do53Nameserver:
    host, separator, port = address.rpartition(":")
    # `::1` is an address; `[::1]:53` and `127.0.0.1:53` name a port.
    if separator and port.isdigit() and (":" not in host or host.startswith("[")):
        return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))
    return dns.nameserver.Do53Nameserver(address.strip("[]"), 53)
