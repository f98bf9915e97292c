"""Origins, resolved and held against the guard here, so that nodes get addresses and resolve nothing."""

from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.gateway.behaviour import Behaviour, Origin
from hanaper.core.gateway.wire import Server
from hanaper.storage.guarded import Guarded, addresses_outside

SECONDS = 5.0
MOST = 16


def resolve(behaviour: Behaviour) -> list[dict[str, Any]]:
    """Every address of every origin, as JSON of `Server`s. InvalidInput at the origin that leads nowhere, or
    inside: operators say with HANAPER_ORIGIN_NETWORKS where inside origins may be."""
    faults: list[Fault] = []
    unreached: list[str] = []
    found: dict[tuple[str, int], Server] = {}
    for index, origin in enumerate(behaviour.origins):
        try:
            for server in _servers(origin):
                found.setdefault((server.address, server.port), server)
        except Guarded as guarded:
            faults.append(Fault(f"behaviour.origins.{index}.host", guarded.message, guarded.code))
            unreached.append(origin.host)
    if faults:
        raise InvalidInput(f"An origin cannot be reached from here: {', '.join(unreached)}.", faults=faults)
    return [server.model_dump(mode="json", exclude={"down"}) for server in list(found.values())[:MOST]]


def _servers(origin: Origin) -> list[Server]:
    addresses = addresses_outside(
        origin.host,
        resolvers=settings.RESOLVERS,
        allow_loopback=settings.SANDBOX,
        networks=[ip_network(one) for one in settings.ORIGIN_NETWORKS],
        seconds=SECONDS,
    )
    return [
        Server(
            address=str(ip_address(address)),
            port=origin.asked_port,
            weight=origin.weight,
            backup=origin.backup,
        )
        for address in addresses
    ]
