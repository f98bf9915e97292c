"""Which addresses lie outside: those of the public internet, and nothing that leads back to our machines.

Source: the IANA special-purpose address registries (RFC 6890), and the metadata services of clouds.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Of IPv6 only what is given out for unicast (RFC 4291 2.4): this alone leaves out mapped, compatible, NAT64
# (64:ff9b::/96, RFC 6052), unique local, link-local, site-local and multicast addresses.
_GLOBAL_UNICAST = ip_network("2000::/3")
# Beyond what `is_global` says, for it counts some of these as global.
_REFUSED = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "168.63.129.16/32",  # a cloud's platform service, on an address that looks public
        "169.254.0.0/16",  # link-local, and with it the metadata services at 169.254.169.254
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # IETF protocol assignments, Teredo (RFC 4380) among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address inside (RFC 3056)
        "3fff::/20",
    )
)


def is_outside(address: Address, *, allow_loopback: bool = False, networks: Sequence[Network] = ()) -> bool:
    """Whether we may connect there for somebody else; loopback counts only where it is allowed, and what lies
    in `networks`, which whoever runs the service has named, always."""
    if any(address.version == network.version and address in network for network in networks):
        return True
    if address.is_loopback and getattr(address, "ipv4_mapped", None) is None:
        return allow_loopback
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_UNICAST or address.scope_id):
        return False
    if any(address.version == network.version and address in network for network in _REFUSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
