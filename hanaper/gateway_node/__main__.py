"""`python -m hanaper.gateway_node`, or `hanaper gateway node`."""

import argparse
import grp
import os
import pwd
import re
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from hanaper.gateway_node import counting
from hanaper.gateway_node.agent import Agent
from hanaper.gateway_node.control import Away, CannotJoin, Control, token_of
from hanaper.gateway_node.engines import EngineError, Listen
from hanaper.gateway_node.engines.nginx.finding import find
from hanaper.gateway_node.engines.nginx.rendering import Machine
from hanaper.gateway_node.engines.nginx.running import Nginx

TURN_SECONDS = 1.0
RETIRED_SECONDS = 600.0  # until one that was retired, and has said all, asks whether it still is
SNAPSHOT = "snapshot.json"
JOIN_SECONDS = 2.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 - visitors come from everywhere


def main(arguments: list[str] | None = None) -> None:
    given = _read(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    folder = given.folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        engine = Nginx(folder / "nginx", _machine(given))
    except (EngineError, OSError) as error:
        sys.exit(f"hanaper gateway node: {error}")
    _allow_many_files()
    counting.begin(engine.log)
    token = _joined(given, folder, stopping)
    agent = Agent(Control(given.server.rstrip("/"), token), engine, kept=folder / SNAPSHOT)
    agent.watch.start()
    _serve(agent, stopping)
    agent.watch.stop()
    if given.stop_engine:
        agent.finish()


def _serve(agent: Agent, stopping: threading.Event) -> None:
    said, left_out = "", agent.serving.left_out
    while not stopping.is_set():
        more = agent.turn()
        for one in set(agent.serving.left_out) - set(left_out):
            _say(f"{one.instance} is left out: {one.said}")
        left_out = agent.serving.left_out
        if (wrong := agent.failing or agent.error) != said:
            said = wrong
            _say(said or "all is well again")
        stopping.wait(0 if more else RETIRED_SECONDS if agent.is_over else TURN_SECONDS)


def _read(arguments: list[str] | None) -> argparse.Namespace:
    """SystemExit for what no engine could do: found only then, the joining token is used up."""
    parser = _arguments()
    given = parser.parse_args(arguments)
    if given.http == given.https:
        parser.error(f"--http and --https are two ports, and both are {given.http}.")
    return given


def _server(given: str) -> str:
    if not re.match(r"https?://[^/\s]", given):
        raise argparse.ArgumentTypeError(f"{given!r} is no address such as https://certificates.example.org.")
    return given


def _address(given: str) -> str:
    """As nginx writes it."""
    with suppress(ValueError):
        if ip_address(given).version == 6:
            return f"[{given}]"
    return given


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(given: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", given, re.ASCII) or not least <= int(given) <= most:
            raise argparse.ArgumentTypeError(f"{given!r} is no number from {least} to {most}.")
        return int(given)

    return read


_port, _amount = _number(1, 65_535), _number(1, 999_999_999)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("hanaper gateway node", description="Serve the sites of a Hanaper here.")
    parser.add_argument("--server", type=_server, required=True, help="address of the service")
    parser.add_argument("--folder", type=Path, required=True, help="everything that the node keeps")
    parser.add_argument("--join-file", type=Path, help="holds the joining token, for the first start")
    parser.add_argument("--name", default=os.uname().nodename, help="by which operators know it")
    parser.add_argument("--http", type=_port, default=80, help="port for http")
    parser.add_argument("--https", type=_port, default=443, help="port for https")
    parser.add_argument(
        "--address", type=_address, action="append", help=f"to listen on, several times; {EVERYWHERE}"
    )
    parser.add_argument("--nginx", default="", help="which nginx; else that on the PATH, else the wheel's")
    parser.add_argument(
        "--drain-seconds", type=_amount, default=600, help="for requests begun before a change"
    )
    parser.add_argument("--cache-megabytes", type=_amount, default=1024)
    parser.add_argument("--stop-engine", action="store_true", help="stop nginx with the node")
    return parser


def _machine(given: argparse.Namespace) -> Machine:
    user, group = _workers()
    return Machine(
        binary=find(given.nginx),
        listen=Listen(given.http, given.https, tuple(given.address or [EVERYWHERE])),
        user=user,
        group=group,
        drain_seconds=given.drain_seconds,
        cache_megabytes=given.cache_megabytes,
    )


def _workers() -> tuple[str, str]:
    """Whoever answers visitors is not root."""
    if os.geteuid() != 0:
        return "", ""
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_name, grp.getgrgid(nobody.pw_gid).gr_name


def _allow_many_files() -> None:
    """Two for each connection, for the engine that we start."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _joined(given: argparse.Namespace, folder: Path, stopping: threading.Event) -> str:
    while True:
        try:
            return token_of(folder, given.server.rstrip("/"), given.join_file, given.name)
        except CannotJoin as wrong:
            sys.exit(f"hanaper gateway node: {wrong}")
        except (Away, OSError) as away:
            _say(str(away))
            if stopping.wait(JOIN_SECONDS):
                sys.exit(0)


def _say(text: str) -> None:
    sys.stderr.write(f"hanaper gateway node: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
