"""Memory that no process of the service needs."""

import sys


def without_terminals() -> None:
    """Nothing that draws on terminals can be imported by this process any more.

    structlog and httpx load it where they find it, which takes four MiB: call this before them.
    """
    for name in ("rich", "click"):
        sys.modules[name] = None  # type: ignore[assignment]
