"""Sites that a gateway serves with a certificate, as their owner is told of them before it is revoked."""

from collections.abc import Sequence

from hanaper.core.private_ca.alternative_names import some


def told_of_served(domains: Sequence[str]) -> str:
    """What a revocation would do to them, in sentences; empty if there are none."""
    if not domains:
        return ""
    return (
        f"Sites that a gateway serves with this certificate: {len(domains)} ({some(domains)}). Browsers that"
        " check refuse them once it is revoked, until each has another certificate."
    )
