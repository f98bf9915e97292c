"""What nginx wrote down, and a way to wait until it has."""

from hanaper.gateway_node import counting
from hanaper.gateway_node.engines.nginx.running import Nginx
from tests.gateway_node.visiting import wait_until


def lines(nginx: Nginx) -> list[list[str]]:
    return [line.split("\t") for line in nginx.log.read_text().splitlines()[1:]]


def finish(nginx: Nginx) -> None:
    """nginx writes a line just after its answer was sent, so a visitor may be ahead of the log; when the last
    worker has gone, all of them stand there."""
    nginx.stop()
    wait_until(lambda: not nginx.draining(), "the workers to go")


def counted(nginx: Nginx) -> dict[str, int]:
    """Visits by instance, as a node would say them, when all is over."""
    finish(nginx)
    sums: dict[str, int] = {}
    offset = 0
    while (batch := counting.read(nginx.log, "log", offset)) is not None:
        offset = batch.end
        for one in batch.tallies:
            sums[one.instance] = sums.get(one.instance, 0) + one.visits
    return sums
