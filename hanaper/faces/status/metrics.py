"""Figures about the service for Prometheus, read from the tables when they are asked for.

Whichever web process is asked, and after whatever restart, the answer is the same: nothing is counted in
memory.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from hanaper import __version__
from hanaper.apps.gateway import queries as gateway
from hanaper.faces.status.health import health
from hanaper.storage.jobs import jobs_by_state

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# What a proxy adds: whoever asks through one is not on this machine, though the proxy may be.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-Ip", "Via")


def may_read(request: HttpRequest) -> bool:
    """Whoever shows the token of the settings; without one there, this machine."""
    if settings.METRICS_TOKEN:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        return kind == "Bearer" and secrets.compare_digest(shown.encode(), settings.METRICS_TOKEN.encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def metrics(system_at: datetime) -> bytes:
    """In Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(system_at))
    return generate_latest(registry)


class _Figures:
    def __init__(self, system_at: datetime) -> None:
        self._system_at = system_at

    def describe(self) -> list[Metric]:
        """Nothing is asked of the tables when it is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        found, well = health(self._system_at)
        yield GaugeMetricFamily("hanaper_healthy", "1 while /healthz answers 200.", float(well))
        yield _labelled("hanaper_build", "The version that runs.", "version", {__version__: 1.0})
        if found.get("database") != "ok":
            return
        ages = {"sweep": found["sweep"]} | {f"crl {name}": said for name, said in found["crl"].items()}
        ages["sweep failure"] = {"age_seconds": found["sweep"]["failure_age_seconds"]}
        ages |= {f"keystore {name}": said for name, said in found["keystores"].items()}
        yield _labelled(
            "hanaper_age_seconds",
            "Since the last round of the sweep, since something broke in one, since each list was made, and"
            " since a token answered.",
            "of",
            {
                name: float(said["age_seconds"])
                for name, said in ages.items()
                if said["age_seconds"] is not None
            },
        )
        yield _labelled(
            "hanaper_responder_seconds_left",
            "How long the certificate of the OCSP responder that ends first is good.",
            "of",
            {name: float(said["seconds_left"]) for name, said in found["ocsp"].items()},
        )
        jobs = {state.lower(): float(count) for state, count in jobs_by_state().items()}
        yield _labelled("hanaper_jobs", "Jobs that wait, run or gave up, to a thousand.", "state", jobs)
        yield from self._gateway()

    def _gateway(self) -> Iterator[Metric]:
        states = {state: float(count) for state, count in gateway.instances_by_state().items()}
        yield _labelled("hanaper_gateway_instances", "Gateway instances.", "state", states)
        visits, size = gateway.served_so_far()
        yield CounterMetricFamily("hanaper_gateway_visits", "Visits that were counted.", value=visits)
        yield CounterMetricFamily("hanaper_gateway_bytes", "Outbound traffic that was counted.", value=size)
        nodes = list(gateway.nodes_that_serve())
        yield _labelled(
            "hanaper_gateway_node_behind",
            "Sites whose last change a node has not applied.",
            "node",
            {node.public_id: float(gateway.changed_since(node.applied)) for node in nodes},
        )
        yield _labelled(
            "hanaper_gateway_node_silent_seconds",
            "Since a node was heard of, to within ten seconds.",
            "node",
            {
                node.public_id: (self._system_at - node.seen_at).total_seconds()
                for node in nodes
                if node.seen_at is not None
            },
        )
        yield _labelled(
            "hanaper_gateway_node_left_out_sites",
            "Sites that a node does not serve as they are to be.",
            "node",
            {node.public_id: float(len(node.left_out)) for node in nodes},
        )
        yield _labelled(
            "hanaper_gateway_node_unwell_origins",
            "Origins that a node finds unwell.",
            "node",
            {node.public_id: float(len(node.unwell)) for node in nodes},
        )


def _labelled(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, figure in sorted(values.items()):
        family.add_metric([value], figure)
    return family
