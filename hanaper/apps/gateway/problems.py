"""Why an instance is not served as its owner wants it, and what to do about that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hanaper.apps.gateway.models import SERVED, GatewayInstance, GatewayNode
from hanaper.apps.gateway.queries import wish
from hanaper.apps.gateway.states import (
    CERTIFICATE_REVOKED,
    ORIGIN_FAILS,
    RESET_WAITS,
    SERVED_FOR_ANOTHER,
    GatewayState,
    WishState,
)
from hanaper.core.gateway.wire import LeftOut


@dataclass(frozen=True, slots=True)
class Problem:
    """`nodes`: at how many of them, None where it is none of theirs. `said`: their own words, which are for
    operators: they speak of the node's machine."""

    code: str
    message: str
    next_steps: tuple[str, ...]
    nodes: int | None
    since: datetime
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the nodes say that are not retired, read once for a whole list. `left_out`: by public id."""

    nodes: tuple[GatewayNode, ...]
    left_out: Mapping[str, Problem]


def told() -> Told:
    nodes = tuple(GatewayNode.objects.filter(retired_at=None).order_by("pk"))
    found: dict[str, list[LeftOut]] = {}
    for node in nodes:
        for one in map(LeftOut.model_validate, node.left_out):
            found.setdefault(one.instance, []).append(one)
    return Told(nodes, {instance: _left_out(said) for instance, said in found.items()})


def sites_left_out() -> int:
    """How many sites are not served as they are to be, at one node or more."""
    return len(told().left_out)


def problem(instance: GatewayInstance, known: Told | None = None) -> Problem | None:
    """The one that visitors notice most. `known`: of a list, what nodes said of all its instances."""
    if instance.resetting_since is not None:
        nodes = (known or told()).nodes
        return _reset_waits(instance, instance.resetting_since, nodes)
    if instance.state == GatewayState.DOMAIN_ADDED:
        return _another(instance) if instance.look.get("problem") == SERVED_FOR_ANOTHER else None
    if instance.state not in SERVED:
        return None
    if instance.look.get("certificate") == CERTIFICATE_REVOKED:
        return _revoked(instance)
    return (known or told()).left_out.get(instance.public_id) or _origin_fails(instance)


def _reset_waits(instance: GatewayInstance, since: datetime, nodes: Sequence[GatewayNode]) -> Problem | None:
    waited_for = [node for node in nodes if node.settled < instance.reset_version]
    if not waited_for:
        return None
    return Problem(
        code=RESET_WAITS,
        message="Its reset waits for nodes that have not yet said what they counted.",
        next_steps=(
            "It goes on by itself once they answer, and counts from when it was asked for (D2).",
            "An operator retires a node that is gone for good.",
        ),
        nodes=len(waited_for),
        since=since,
        said=tuple(f"{node.name} ({node.public_id})" for node in waited_for),
    )


def _another(instance: GatewayInstance) -> Problem:
    return Problem(
        code=SERVED_FOR_ANOTHER,
        message=str(instance.look["message"]),
        next_steps=(
            "Set the CNAME of the domain to the name of this instance: it says where visitors go, and a TXT"
            " record gives way to it.",
            "Or take away the TXT record that names the other instance, or reset that one.",
        ),
        nodes=None,
        since=datetime.fromisoformat(instance.look["since"]),
    )


def certificate_gone(instance: GatewayInstance) -> bool:
    """Whether what is served went with its CA: there is nothing of it to look at any more."""
    return bool(instance.look.get("gone"))


def _revoked(instance: GatewayInstance) -> Problem:
    wanted, gone = wish(instance), certificate_gone(instance)
    if gone and (wanted is None or wanted.state == WishState.FAILED):
        steps: tuple[str, ...] = (
            "Choose another certificate for the domain, or let one come from elsewhere by itself.",
        )
    elif wanted is None:
        steps = ("Choose another certificate for the domain, or let one come by itself.",)
    elif wanted.state == WishState.FAILED:
        steps = (
            "Have the certificate tried again: another one is taken then.",
            "Or choose another certificate for the domain.",
        )
    else:
        steps = ("Another one is being obtained; it is served as soon as it is issued.",)
    if instance.certificate.startswith("pct_") and not gone:
        steps = (*steps, "Where it is on hold, release it: it is served as before then.")
    why = (
        f"The certificate {instance.certificate} went with the reset of its CA, and is revoked: browsers that"
        " check refuse the site. It is served with it until there is another."
        if gone
        else f"The certificate {instance.certificate} is revoked, on hold, or below a CA that is revoked:"
        " browsers that check refuse the site. It is served with it until there is another."
    )
    return Problem(
        code=CERTIFICATE_REVOKED,
        message=why,
        next_steps=steps,
        nodes=None,
        since=datetime.fromisoformat(instance.look["revoked_at"]),
    )


def _origin_fails(instance: GatewayInstance) -> Problem | None:
    counted = instance.look.get("unanswered")
    if not counted:
        return None
    return Problem(
        code=ORIGIN_FAILS,
        message=f"Of {counted['requests']} requests of an hour, {counted['unanswered']} got no answer of your"
        " own server: visitors see an error (502 or 504).",
        next_steps=(
            "See whether it answers at the address, the port and the scheme that the site is told.",
            "Where it is asked by HTTPS: its certificate is in time, for that name, and of a trusted CA?",
            "Have the nodes look at it: they say then what is wrong with it.",
        ),
        nodes=None,
        since=datetime.fromisoformat(counted["since"]),
    )


def _left_out(said: Sequence[LeftOut]) -> Problem:
    if all(one.earlier for one in said):
        message = "What was changed last is not live: the gateway cannot serve it. It is served as before."
    else:
        message = "The site is not served: the gateway cannot serve it as it is."
    return Problem(
        code="site_left_out",
        message=message,
        next_steps=(
            "Take back what was changed last in how the site behaves; it is tried again at once.",
            "Or ask support, and name the instance: the operators see what the engine said.",
        ),
        nodes=len(said),
        since=datetime.fromtimestamp(min(one.since for one in said), UTC),
        said=tuple(dict.fromkeys(one.said for one in said)),
    )
