"""What `prepare` does once Django knows every table; `make_ready` at the end."""

import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from hanaper import clock, wiring
from hanaper.apps.clock.services import pin_mode
from hanaper.apps.gateway.services import make_join_token
from hanaper.core.actor import system
from hanaper.core.errors import Refusal
from hanaper.gateway_node.control import TOKEN
from hanaper.gateway_node.engines import EngineError
from hanaper.gateway_node.engines.nginx.finding import find
from hanaper.gateway_node.secrets import keep
from hanaper.storage import tables

JOIN = "join"  # the name of a file


def gateway() -> dict[str, object]:
    """The node beside the service, and where it listens."""
    return {
        "gateway_node": gateway_node() if settings.GATEWAY_HTTPS_PORT else None,
        "gateway_listens": {
            "address": settings.GATEWAY_ADDRESS,
            "http": http_port(),
            "https": settings.GATEWAY_HTTPS_PORT,
        },
    }


def gateway_node() -> list[str] | None:
    """How the node beside the service is started; without an engine there is none."""
    try:
        find(settings.NGINX)
    except EngineError as error:
        sys.stderr.write(f"hanaper: no gateway node: {error}\n")
        return None
    folder = settings.DATA / "gateway"
    return [
        *("-m", "hanaper.gateway_node", "--stop-engine"),
        *("--drain-seconds", str(settings.GATEWAY_DRAIN_SECONDS)),
        *("--server", f"http://{settings.HOST}:{settings.PORT}"),
        *("--folder", str(folder), "--join-file", str(folder / JOIN)),
        *("--http", str(http_port()), "--https", str(settings.GATEWAY_HTTPS_PORT)),
        *("--address", settings.GATEWAY_ADDRESS, "--nginx", settings.NGINX),
    ]


def http_port() -> int:
    """Redirects to https and proofs of control want one, wherever https is."""
    return settings.GATEWAY_HTTP_PORT or 80


def let_join(folder: Path) -> None:
    """The node beside the service joins by itself, once."""
    if (folder / TOKEN).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    token = make_join_token(system("first start"), at=clock.now(), system_at=clock.system_now())
    keep(folder / JOIN, token)


def make_ready(tell: Callable[[dict[str, object]], None]) -> None:
    """Make what is not there yet, and tell of it; exit status 1 where that is refused."""
    tables.make()
    call_command("migrate", interactive=False, verbosity=0)
    try:
        pin_mode()
        tell({"tables": True})
        people = wiring.first_start(clock.now())
        if settings.GATEWAY_HTTPS_PORT:
            let_join(settings.DATA / "gateway")
    except Refusal as refusal:
        sys.stderr.write(f"hanaper: {refusal.message} {' '.join(refusal.next_steps)}\n")
        sys.exit(1)
    tell({"people": people} | gateway())
