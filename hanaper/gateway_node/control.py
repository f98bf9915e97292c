"""The service as a node sees it: a few calls over HTTP, with the node's token."""

from pathlib import Path

import httpx
from pydantic import BaseModel, ValidationError

from hanaper.core.gateway.wire import Answer, Changes, KeyPair, Report, Snapshot
from hanaper.gateway_node.secrets import keep

SECONDS = 30.0
LONGEST_NAME = 80
REFUSED = (400, 401)  # a joining token that is none, or is not known
MAKE_ONE = "an administrator makes one with `hanaper gateway nodes join-token`"
TOKEN = "token"  # noqa: S105 - the name of a file


class Away(Exception):
    """The service does not answer, or not with what was asked for; the node goes on as it is."""


class Missing(Away):
    """The service answers, and has no such thing."""


class Retired(Away):
    """The service wants nothing more of this node."""

    def __init__(self) -> None:
        super().__init__("This node was retired: it serves nothing any more, and keeps no keys.")


class Control:
    def __init__(self, server: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=f"{server}/gateway-nodes/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            trust_env=False,
        )

    def report(self, report: Report) -> Answer:
        return self._read(Answer, self._ask("POST", "report", report.model_dump_json()))

    def snapshot(self) -> Snapshot:
        return self._read(Snapshot, self._ask("GET", "snapshot"))

    def changes(self, since: int) -> Changes:
        """Missing from a service that is older than this call."""
        return self._read(Changes, self._ask("GET", f"changes/{since}"))

    def certificate(self, name: str) -> KeyPair:
        """Missing if it is not to be served any more."""
        return self._read(KeyPair, self._ask("GET", f"certificates/{name}"))

    def deliver(self, errand: str, content: bytes) -> None:
        """It is done; `content`: what it brought."""
        self._ask("POST", f"errands/{errand}", content, "application/octet-stream")

    def _ask(
        self, method: str, path: str, body: str | bytes | None = None, kind: str = "application/json"
    ) -> bytes:
        headers = None if body is None else {"Content-Type": kind}
        try:
            answer = self._client.request(method, path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        if answer.status_code == 410:
            raise Retired
        if answer.status_code != 200:
            kind_of = Missing if answer.status_code == 404 else Away
            raise kind_of(f"The service answered {path} with {answer.status_code}.")
        return answer.content

    @staticmethod
    def _read[T: BaseModel](shape: type[T], content: bytes) -> T:
        try:
            return shape.model_validate_json(content)
        except ValidationError as error:
            raise Away(f"The service answered with something else: {error.error_count()} faults.") from error


class CannotJoin(Exception):
    """Waiting does not help: somebody must do what is said."""


def token_of(folder: Path, server: str, join_file: Path | None, name: str) -> str:
    """The node's own token, kept in `folder`; got with the joining token in `join_file` the first time.
    CannotJoin without one, or if it is not taken; Away if nobody takes it yet."""
    path = folder / TOKEN
    if path.exists():
        return path.read_text().strip()
    join = _joining(join_file)
    try:
        answer = httpx.post(
            f"{server}/gateway-nodes/v1/join",
            json={"join": join, "name": name[:LONGEST_NAME]},
            timeout=SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise Away(f"{type(error).__name__}: {error}") from error
    if answer.status_code in REFUSED:
        raise CannotJoin(
            "The service does not take this joining token: it is wrong, was used before, or is older than"
            f" a day. Write another one into {join_file} ({MAKE_ONE}), and start the node again."
        )
    if answer.status_code != 200:
        raise Away(f"The service answered with {answer.status_code} when it was asked to let this node join.")
    token = str(answer.json()["token"])
    keep(path, token)
    return token


def _joining(file: Path | None) -> str:
    if file is None:
        raise CannotJoin(
            "This node has not joined yet: write a joining token into a file"
            f" ({MAKE_ONE}), and start the node with --join-file and its name."
        )
    try:
        join = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotJoin(
            f"This node has not joined yet, and the file of its joining token, {file}, cannot be read:"
            f" {error}. Write one into it ({MAKE_ONE}), and start the node again."
        ) from error
    if not join:
        raise CannotJoin(
            f"This node has not joined yet, and {file} is empty: write a joining token into it"
            f" ({MAKE_ONE}), and start the node again."
        )
    return join
