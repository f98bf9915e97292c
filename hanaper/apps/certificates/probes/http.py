"""Control of a name shown by a file under `/.well-known/pki-validation/` (BR 3.2.2.4.18).

Its address holds the check's id, its content the token: what proves control is never in the request.
"""

from collections.abc import Sequence
from typing import Any

from hanaper.apps.certificates.probes import Answer, Question
from hanaper.storage.guarded import PORTS, Guarded, fetch

FOLDER = "/.well-known/pki-validation"
SECONDS = 10.0
MOST_BYTES = 4096
REDIRECTS = 3


class HttpProbe:
    """`port`: where the file is looked for, 80 outside tests and sandboxes; `resolvers` as for `DnsProbe`."""

    def __init__(
        self, port: int = 80, resolvers: Sequence[str] = (), *, allow_loopback: bool = False
    ) -> None:
        self.port, self.resolvers, self.allow_loopback = port, tuple(resolvers), allow_loopback

    def place(self, question: Question) -> str:
        port = "" if self.port == 80 else f":{self.port}"
        return f"http://{question.domain}{port}{FOLDER}/{question.check}.txt"

    def look(self, question: Question) -> Answer:
        place = self.place(question)
        try:
            fetched = fetch(
                place,
                resolvers=self.resolvers,
                allow_loopback=self.allow_loopback,
                max_bytes=MOST_BYTES,
                seconds=SECONDS,
                redirects=REDIRECTS,
                ports={*PORTS, self.port},
            )
        except Guarded as refused:
            return _missed(place, refused.code, refused.message, None)
        if not 200 <= fetched.status < 300:
            message = f"The web server answered with the status {fetched.status}."
            return _missed(place, "http_status", message, fetched.status)
        if fetched.body.strip() != question.token.encode():
            message = "The file found there holds something else."
            return _missed(place, "wrong_content", message, fetched.status)
        return Answer(True, {"place": place, "problem": None, "status": fetched.status})


def _missed(place: str, problem: str, message: str, status: int | None) -> Answer:
    # Nothing of the body: it may come from where a redirect led.
    seen: dict[str, Any] = {"place": place, "problem": problem, "message": message, "status": status}
    return Answer(False, seen)
