"""The service with a domain behind its gateway, and nodes that joined it, each a process with its own nginx."""

import io
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

from rich.console import Console

from hanaper.demo.acts import PRODUCT
from hanaper.demo.stage import Person, Stage, free_port
from hanaper.demo.story import Story
from hanaper.demo.teller import Teller
from hanaper.gateway_node import counting
from tests.gateway_node.sites import Origin, an_origin
from tests.gateway_node.visiting import Seen, visit_at

DOMAIN = "www.fleet.test"
SECONDS = 180.0  # a busy machine takes its time


class Silent(Teller):
    def __init__(self) -> None:
        super().__init__()
        self._console = Console(file=io.StringIO())


class Node:
    """A node on a machine of its own, as far as it can tell."""

    def __init__(self, folder: Path, server: str, join: str, *, port: int = 0) -> None:
        self.folder, self.port = folder, port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "join").write_text(join)
        self.command = [
            *(sys.executable, "-m", "hanaper.gateway_node", "--server", server, "--folder", str(folder)),
            *("--join-file", str(folder / "join"), "--name", folder.name, "--address", "127.0.0.1"),
            *("--http", str(free_port()), "--https", str(self.port), "--drain-seconds", "3", "--stop-engine"),
        ]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "nginx" / "log" / "requests.log"

    def start(self) -> None:
        with (self.folder / "node.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stderr=log)

    def stop(self) -> None:
        """Node and engine."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def counted(self) -> tuple[int, int]:
        """Visits and bytes that it has said, or will."""
        return counted(self.log)

    def visit(self, path: str = "/", **more: Any) -> Seen:
        return visit_at(self.port, DOMAIN, path, **more)


class Gateway:
    """An instance of the sandbox's customer that serves DOMAIN."""

    def __init__(self, stage: Stage, origin: Origin) -> None:
        self.stage, self.origin = stage, origin
        self.customer, self.administrator = stage.person("customer"), stage.person("administrator")
        self.order, self.id = self._serve()

    def _serve(self) -> tuple[str, str]:
        others: tuple[Person, Person] = (self.stage.person("reviewer"), self.stage.person("finance"))
        story = Story(self.stage, Silent(), self.customer, *others, self.administrator)
        story.issue(story.buy(PRODUCT), DOMAIN)
        order = story.buy("https-gateway-1m")
        found = self.customer.get("/gateways")["items"]
        gateway = next(one["id"] for one in found if one["order"] == order)
        made = self.customer.post(
            f"/gateways/{gateway}/domain", {"domain": DOMAIN, "behaviour": self.behaving()}
        )
        self.stage.names.records[DOMAIN, "CNAME"] = [made["cname"] + "."]
        return order, gateway

    def behaving(self, **more: Any) -> dict[str, Any]:
        return {"origins": [{"host": "127.0.0.1", "port": self.origin.server_port}], **more}

    def change(self, **more: Any) -> None:
        behaviour = self.behaving(**more)
        self.customer.put(f"/gateways/{self.id}/behaviour", {"behaviour": behaviour})

    def show(self) -> dict[str, Any]:
        return dict(self.customer.get(f"/gateways/{self.id}"))

    def usage(self) -> dict[str, int]:
        """Visits by the hour in which they were made."""
        items = self.customer.get(f"/gateways/{self.id}/usage")["items"]
        return {one["begins_at"]: one["visits"] for one in items if one["visits"]}

    def nodes(self) -> dict[str, dict[str, Any]]:
        found = self.administrator.get("/operator/gateway-nodes")["items"]
        return {one["name"]: one for one in found}

    def join(self, folder: Path) -> Node:
        token = self.administrator.post("/operator/gateway-nodes/join-tokens")["token"]
        node = Node(folder, self.stage.address, token)
        node.start()
        return node

    def until(self, condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
        return self.stage.wait_until(condition, seconds, what)


def reached(visit: Callable[[], Seen]) -> bool:
    """Whether somebody serves there by now."""
    try:
        return visit().status == 200
    except OSError:
        return False


def counted(log: Path) -> tuple[int, int]:
    """Visits and bytes that stand in a log, and in those before it."""
    sums = [0, 0]
    for path in counting.logs(log):
        offset = 0
        while (batch := counting.read(path, "log", offset)) is not None:
            offset = batch.end
            for one in batch.tallies:
                sums[0] += one.visits
                sums[1] += one.bytes_out
    return sums[0], sums[1]


@contextmanager
def a_gateway(folder: Path, *, node: bool = False) -> Iterator[Gateway]:
    """The service; with `node` one that it runs itself."""
    stage = Stage(folder, gateway=node)
    try:
        stage.start()
        with an_origin() as origin:
            yield Gateway(stage, origin)
    finally:
        stage.stop()


class Visitors:
    """Come as long as the block lasts, each request on a connection of its own; what each got, by its number."""

    def __init__(self, visit: Callable[[str], Seen], count: int = 3) -> None:
        self._visit = visit
        self.served: dict[int, Seen] = {}
        self.failed: dict[int, Exception] = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._come, args=[turn]) for turn in range(count)]

    def _come(self, turn: int) -> None:
        number = turn
        while not self._stop.is_set():
            try:
                self.served[number] = self._visit(f"/?visitor={number}")
            except (OSError, HTTPException) as error:
                self.failed[number] = error
                self._stop.wait(0.05)
            number += len(self._threads)

    def __enter__(self) -> "Visitors":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()
