"""Control of a name shown by a file under `/.well-known/pki-validation/` (BR 3.2.2.4.18).

Its address holds the check's id, its content the token: what proves control is never in the request.
"""

from collections.abc import Sequence

from hanaper.apps.certificates.probes import Answer, Question
from hanaper.storage.guarded import PORTS, Guarded, fetch

FOLDER = "/.well-known/pki-validation"
LONGEST_SHOWN = 200  # characters of what was found
SUCCESS = range(200, 300)  # BR 3.2.2.4.18: a successful response, received from the request


class HttpProbe:
    """`port`: where the file is looked for, 80 outside tests and sandboxes; `resolvers` as for DNS."""

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
            found = fetch(
                place,
                resolvers=self.resolvers,
                allow_loopback=self.allow_loopback,
                ports={*PORTS, self.port},
            )
        except Guarded as refused:
            return Answer(False, _seen(place, refused.code, refused.message))
        text = found.body.decode("utf-8", "backslashreplace")
        if found.status not in SUCCESS:
            message = f"The web server answered with the status {found.status}."
            return Answer(False, _seen(place, "wrong_status", message, found.status, text))
        if text.strip() != question.token:
            message = "The file found there holds something else."
            return Answer(False, _seen(place, "wrong_value", message, found.status, text))
        return Answer(True, _seen(place, None, "", found.status, text))


def _seen(
    place: str, problem: str | None, message: str, status: int | None = None, text: str = ""
) -> dict[str, object]:
    # A database's JSON column holds no NUL.
    shown = text[:LONGEST_SHOWN].replace("\0", "\ufffd")
    return {"place": place, "problem": problem, "message": message, "status": status, "found": shown}
