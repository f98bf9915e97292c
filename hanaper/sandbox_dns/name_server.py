"""DNS over UDP on loopback, from records in memory or in a file."""

import socketserver
import threading
from collections.abc import Callable, Mapping, MutableMapping

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

TTL_SECONDS = 1
FORWARD_SECONDS = 2.0
LONGEST_CHAIN = 8
# A name, in lower case and without the final dot, and a type: `("www.shop.test", "A")`.
Key = tuple[str, str]
Forward = Callable[[dns.message.Message], dns.message.Message]


class NameServer:
    """Answers from `records`: {(name, type): [values]}; names outside `zone` are for `forward`, if given."""

    def __init__(
        self,
        records: Mapping[Key, list[str]] | None = None,
        *,
        port: int = 0,
        zone: str = "",
        forward: Forward | None = None,
    ) -> None:
        self.records: MutableMapping[Key, list[str]] = {} if records is None else records  # type: ignore[assignment]
        self.queries: list[Key] = []
        self._zone, self._forward = zone, forward
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, reply_to = self.request
                answer = outer.answer(data)
                if answer is not None:
                    reply_to.sendto(answer, self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    @property
    def address(self) -> str:
        """`127.0.0.1:port`, as HANAPER_RESOLVERS takes it."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def answer(self, data: bytes) -> bytes | None:
        try:
            query = dns.message.from_wire(data)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        if self._forward is not None and not f".{name}".endswith(f".{self._zone}"):
            return self._forward(query).to_wire()
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        self.queries.append((name, kind))
        del self.queries[:-1000]
        self._say(response, name, kind)
        return response.to_wire()

    def _say(self, response: dns.message.Message, name: str, kind: str) -> None:
        """The records of a name, or those to which its CNAME leads, as whoever resolves a name gives them."""
        for _ in range(LONGEST_CHAIN):
            values = self._of(name, kind)
            said, kind_said = (values, kind) if values is not None else (self._of(name, "CNAME"), "CNAME")
            if said is None:
                break
            texts = [f'"{value}"' for value in said] if kind_said == "TXT" else said
            if kind_said == "CNAME":  # with its last dot or without
                texts = [value.rstrip(".") + "." for value in said]
            response.answer.append(dns.rrset.from_text(name + ".", TTL_SECONDS, "IN", kind_said, *texts))
            if values is not None or kind == "CNAME":
                return
            name = said[0].rstrip(".").lower()
        if not any(known in (name, _wildcard(name)) for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _of(self, name: str, kind: str) -> list[str] | None:
        """Its own records; else those of the wildcard beside it (RFC 4592), of one label here."""
        if any(known == name for known, _ in self.records):
            return self.records.get((name, kind))
        return self.records.get((_wildcard(name), kind))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _wildcard(name: str) -> str:
    return "*." + name.partition(".")[2]


def ask_the_system(query: dns.message.Message) -> dns.message.Message:
    """What the system's name servers say; SERVFAIL if none of them answers."""
    try:
        for server in dns.resolver.Resolver().nameservers:
            try:
                return dns.query.udp(query, str(server), timeout=FORWARD_SECONDS)
            except (dns.exception.DNSException, OSError):
                continue
    except dns.resolver.NoResolverConfiguration:
        pass
    failed = dns.message.make_response(query)
    failed.set_rcode(dns.rcode.SERVFAIL)
    return failed
