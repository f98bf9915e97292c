"""Control of a name shown by a file under `/.well-known/pki-validation/` (BR 3.2.2.4.18).

Its address holds the check's id, its content the token: what proves control is never in the request.
"""

from hanaper.apps.certificates.probes import Answer, Question

FOLDER = "/.well-known/pki-validation"


class HttpProbe:
    """`port`: where the file is looked for; 80 outside tests and sandboxes."""

    def __init__(self, port: int = 80) -> None:
        self.port = port

    def place(self, question: Question) -> str:
        port = "" if self.port == 80 else f":{self.port}"
        return f"http://{question.domain}{port}{FOLDER}/{question.check}.txt"

    def look(self, question: Question) -> Answer:
        message = "Files are not looked for yet."
        return Answer(False, {"place": self.place(question), "problem": "not_yet", "message": message})
