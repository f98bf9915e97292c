"""Control of a name shown by a file at a well-known address (BR 3.2.2.4.18; RFC 8555 8.3 for ACME's).

The address holds the check's id, the content the token: what proves control is never in the request.
"""

import ssl
from collections.abc import Sequence
from typing import Any

from hanaper.apps.probes import Answer, Question
from hanaper.storage.guarded import PORTS, Guarded, fetch
from hanaper.storage.outside import Network

PATH = "/.well-known/pki-validation/{check}.txt"
SECONDS = 10.0
MOST_BYTES = 4096
REDIRECTS = 3


class HttpProbe:
    """`port`: where the file is looked for, 80 outside tests and sandboxes; `resolvers` as for `DnsProbe`;
    `path`: the file's, after the check; `networks`: inside, and asked all the same; `tls`: whom to trust
    behind a redirect, by default whom the system trusts."""

    def __init__(
        self,
        port: int = 80,
        resolvers: Sequence[str] = (),
        *,
        allow_loopback: bool = False,
        path: str = PATH,
        networks: Sequence[Network] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.port, self.resolvers, self.allow_loopback = port, tuple(resolvers), allow_loopback
        self.path, self.networks, self.tls = path, tuple(networks), tls

    def place(self, question: Question) -> str:
        port = "" if self.port == 80 else f":{self.port}"
        host = f"[{question.domain}]" if ":" in question.domain else question.domain
        return f"http://{host}{port}{self.path.format(check=question.check)}"

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
                tls=self.tls,
                networks=self.networks,
                numbers=is_address(question.domain),
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


def is_address(host: str) -> bool:
    """Whether this is an IP address in place of a name: no name has a colon or ends in a number."""
    return ":" in host or host.rpartition(".")[2].isdigit()


def _missed(place: str, problem: str, message: str, status: int | None) -> Answer:
    # Nothing of the body: it may come from where a redirect led.
    seen: dict[str, Any] = {"place": place, "problem": problem, "message": message, "status": status}
    return Answer(False, seen)
