"""What the service and its gateway nodes say to each other, as JSON over HTTP.

A node asks for what leads from its snapshot to the newest, or for all of that, fetches the certificates that
it names and that it has not got, and reports what it serves and what it counted. Nothing in a snapshot is
secret. Either may be older than the other: what is added later has a default, and is left out by who does not
know it.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hanaper.core.gateway.behaviour import Behaviour

MOST_VERSION = 1 << 60
ANY_ZONE = "hanaper"  # from a service that does not say its own yet


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


def _known(annotation: Any, given: Any) -> Any:
    """What was given for it, without fields of a newer service, which are none of this program's."""
    for shape in (annotation, *get_args(annotation)):
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            if isinstance(given, list):
                return [_known(shape, one) for one in given]
            if isinstance(given, dict):
                fields = shape.model_fields
                return {
                    name: _known(fields[name].annotation, one)
                    for name, one in given.items()
                    if name in fields
                }
    return given


class Server(_Said):
    """An origin as it was resolved and looked at: `address` is outside, or loopback in a sandbox. `down`: the
    node that serves found it unwell by itself."""

    address: str
    port: int
    weight: int = 1
    backup: bool = False
    down: bool = False


class Site(_Said):
    """A domain that is served for an instance. `certificate`: the name under which a node fetches chain and
    key; `epoch`: another one, and everything that was cached before is gone; `version`: that of the fleet
    when this was changed last."""

    instance: str
    domain: str
    certificate: str
    servers: tuple[Server, ...]
    origin_name: str  # what an https origin must be able to show a certificate for
    behaviour: Annotated[Behaviour, BeforeValidator(lambda given: _known(Behaviour, given))]
    epoch: int = 0
    closed: Literal["", "exhausted"] = ""
    version: int = 0


class Proof(_Said):
    """What whoever asks for `path` of `domain` is answered, by http and by https: so an issuer sees that the
    domain leads here. Nobody's visit, and no secret."""

    domain: str
    path: str
    content: str


class Snapshot(_Said):
    """Everything that nodes serve. `version` only grows; `zone`: of the names that owners point their domains
    to, by which the fleet knows requests that it has sent itself (RFC 8586)."""

    version: int
    sites: tuple[Site, ...]
    proofs: tuple[Proof, ...] = ()
    zone: str = ""

    @property
    def loop_name(self) -> str:
        """What a request says in CDN-Loop once it came through here."""
        return self.zone or ANY_ZONE


class Changes(_Said):
    """What leads from the snapshot of version `since` to that of `version`: sites that are otherwise or new,
    instances for which nothing is served, proofs, all of them anew. `count` and `versions`: of the sites that
    are served then, how many there are and what their versions add up to."""

    since: int
    version: int
    sites: tuple[Site, ...]
    gone: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    count: int
    versions: int
    zone: str = ""


class KeyPair(_Said):
    """`chain` begins with the leaf. PEM, both."""

    chain: str
    key: str = Field(repr=False)


class Tally(_Said):
    """What was served for an instance in one hour, in addition to what was said before.

    `hour`: of the Unix epoch. `visits` and `bytes_out` are what GRCQ counts; `requests` are all of them.
    """

    instance: str
    hour: int
    visits: int = 0
    bytes_out: int = 0
    requests: int = 0
    statuses: dict[str, int] = {}  # by class, such as `2xx`
    codes: dict[str, int] = {}  # each by itself, such as `404`
    cache_hits: int = 0
    milliseconds: int = 0  # of all requests together
    lengths: tuple[int, ...] = ()  # how many took how long: statistics.LENGTHS
    paths: dict[str, tuple[int, int]] = {}  # the most asked for: requests, bytes


class Batch(_Said):
    """What stands in a log from one byte to another: taken once, when `begin` is where the last one ended."""

    log: str
    begin: int
    end: int
    tallies: tuple[Tally, ...] = ()


class OriginState(_Said):
    """An origin that does not answer a node as its owner wishes; `since`: seconds of the Unix epoch."""

    instance: str
    address: str
    port: int
    problem: str
    since: int


class LeftOut(_Said):
    """A site that a node does not serve as it is to be served: its engine refused it, or its certificate was
    not given out. `said`: what the engine said; `earlier`: whether what was served of it before is served on;
    `since`: seconds of the Unix epoch."""

    instance: str
    said: str = Field(max_length=500)
    earlier: bool = False
    since: int


class Errand(_Said):
    """Something to be done once by each node: forget what is kept of one address, or hand over the newest
    lines of an instance's access log."""

    id: str
    kind: Literal["purge", "log"]
    instance: str
    address: str = ""


class Report(_Said):
    """How a node is. `settled`: the version before which nothing is served and nothing is uncounted;
    `unwell` and `left_out`: all of them anew, None if they are as they were said before; `hears`: that
    understands an answer which says that it is retired."""

    applied: int = Field(lt=MOST_VERSION)
    settled: int = Field(lt=MOST_VERSION)
    error: str = ""
    engine: str = ""
    http3: bool = False
    hears: bool = False
    batches: tuple[Batch, ...] = ()
    unwell: tuple[OriginState, ...] | None = None
    left_out: tuple[LeftOut, ...] | None = None


class Answer(_Said):
    """To a report: the newest version, how far each log named was taken, and what is to be done besides.
    `retired`: nothing is to be served from now on, and what was counted is to be handed over."""

    version: int
    taken: dict[str, int] = {}
    errands: tuple[Errand, ...] = ()
    retired: bool = False
