"""One call to an endpoint, through the guarded client; touches no table, and may run in a thread."""

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from hanaper.apps.webhooks.vocabulary import ANSWER_SECONDS, MOST_SHOWN
from hanaper.storage.guarded import Guarded, post
from hanaper.storage.logs import logger

log = logger(__name__)

INTERNAL = "internal: It could not be sent, for a reason of our own."
USER_AGENT = "hanaper-webhooks/1"
# In a sandbox a receiver listens where it likes; in production where receivers do.
ANY_PORT = range(1, 65536)
USUAL_PORTS = (443, 8443)


@dataclass(frozen=True, slots=True)
class Call:
    """Everything that is sent, gathered while the tables were open."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: a status with the beginning of its answer, or a fault."""

    status: int | None = None
    answer: str = ""
    fault: str = ""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


def ports() -> Collection[int]:
    return ANY_PORT if settings.SANDBOX else USUAL_PORTS


def call(prepared: Call) -> Outcome:
    """Whatever happens is an outcome."""
    headers = {**prepared.headers, "Content-Type": "application/json", "User-Agent": USER_AGENT}
    try:
        found = post(
            prepared.url,
            prepared.body,
            headers,
            resolvers=settings.RESOLVERS,
            allow_loopback=settings.SANDBOX,
            seconds=ANSWER_SECONDS,
            ports=ports(),
        )
    except Guarded as guarded:
        return Outcome(fault=f"{guarded.code}: {guarded.message}"[:300])
    except Exception:
        log.exception("webhook_call_broke")
        return Outcome(fault=INTERNAL)
    answer = found.body.decode("utf-8", "replace").replace("\x00", "")[:MOST_SHOWN]
    fault = "" if 200 <= found.status < 300 else f"status: It answered {found.status}."
    return Outcome(found.status, answer, fault)
