"""Redirects that lead back to where they began: whoever asks for one of them arrives nowhere."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from hanaper.core.errors import Fault
from hanaper.core.gateway.behaviour import Redirect
from hanaper.core.gateway.paths import as_compared

USUAL_PORTS = (None, 80, 443)
MOST_SHOWN = 5


def circles(redirects: Sequence[Redirect], domain: str, field: str) -> list[Fault]:
    """One for each circle, at the last redirect of it. `domain`: the site's own."""
    leads = {as_compared(one.path): (number, one) for number, one in enumerate(redirects)}
    found, known = [], set[str]()
    for begin in leads:
        way: list[str] = []
        here: str | None = begin
        while here in leads and here not in known:
            known.add(here)
            way.append(here)
            here = _path_of(leads[here][1].to, domain)
        if here in way:
            number, _ = leads[way[-1]]
            circle = [leads[one][1].path for one in way[way.index(here) :]]
            found.append(Fault(f"{field}.{number}.to", _said(circle), "redirects_in_circle"))
    return found


def _said(circle: list[str]) -> str:
    if len(circle) == 1:
        return f"{circle[0]} leads to itself, so nobody arrives: lead it elsewhere, or take it out."
    shown = ", ".join([*circle[:MOST_SHOWN], *(["..."] if len(circle) > MOST_SHOWN else []), circle[0]])
    return f"Nobody arrives, for these lead in a circle: {shown}. Lead one of them elsewhere, or take it out."


def _path_of(target: str, domain: str) -> str | None:
    """As it is compared; None for another site's."""
    if target.startswith("/"):
        return as_compared(target)
    parts = urlsplit(target)
    try:
        port = parts.port
    except ValueError:
        return None
    if (parts.hostname or "").rstrip(".") != domain or port not in USUAL_PORTS:
        return None
    return as_compared(parts.path or "/")
