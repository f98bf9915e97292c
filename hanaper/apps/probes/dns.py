"""Control of a name shown by a TXT record below it (BR 3.2.2.4.7; RFC 8555 8.4 for ACME's).

A wildcard and the name above it share the record's name.
"""

from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.rdatatype
import dns.resolver

from hanaper.apps.probes import Answer, Question
from hanaper.storage.resolving import resolver

LABEL = "_hanaper-challenge"
SECONDS = 5.0  # for one look, all resolvers together
MOST_SHOWN, LONGEST_SHOWN = 10, 200


class DnsProbe:
    """`resolvers`: addresses such as `192.0.2.53` or `127.0.0.1:5353`; empty: the system's. `label`: below
    the name, where the record stands."""

    def __init__(self, resolvers: Sequence[str] = (), *, label: str = LABEL) -> None:
        self.resolvers, self.label = tuple(resolvers), label

    def place(self, question: Question) -> str:
        return f"{self.label}.{question.domain}"

    def look(self, question: Question) -> Answer:
        place = self.place(question)
        try:
            found = resolver(self.resolvers, SECONDS).resolve(place + ".", "TXT", search=False)
        except dns.resolver.NXDOMAIN:
            return _missed(place, "no_such_name", f"There is no record at {place}.")
        except dns.resolver.NoAnswer:
            return _missed(place, "no_txt_record", f"{place} has no TXT record.")
        except dns.exception.Timeout:
            return _missed(place, "timeout", "The name servers did not answer in time.")
        except dns.exception.DNSException:
            # SERVFAIL among others: a zone that fails DNSSEC is never permission (BR 3.2.2.4).
            return _missed(place, "dns_error", "The name servers answered with an error.")
        texts = [
            b"".join(record.strings) for record in found.rrset or () if record.rdtype == dns.rdatatype.TXT
        ]
        # A database's JSON column holds no NUL.
        readable = [text.decode("utf-8", "backslashreplace").replace("\0", "\ufffd") for text in texts]
        shown = [text[:LONGEST_SHOWN] for text in readable[:MOST_SHOWN]]
        if question.token.encode() in texts:
            return Answer(True, {"place": place, "problem": None, "found": shown})
        return Answer(
            False,
            {
                "place": place,
                "problem": "wrong_value",
                "message": "The TXT records found there hold something else.",
                "found": shown,
            },
        )


def _missed(place: str, problem: str, message: str) -> Answer:
    seen: dict[str, Any] = {"place": place, "problem": problem, "message": message, "found": []}
    return Answer(False, seen)
