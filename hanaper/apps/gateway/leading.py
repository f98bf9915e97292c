"""Whether a domain leads to an instance, which proves whose it is: the name to lead to is its own."""

from dataclasses import dataclass

import dns.exception
import dns.resolver
from django.conf import settings

from hanaper.storage.resolving import resolver

TXT_LABEL = "_hanaper-gateway"  # where a domain that can have no CNAME proves control
DNS_SECONDS = 5.0
LONGEST_CHAIN = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look saw, for whoever reads it. `problem`: a code, empty when all is well."""

    points_here: bool
    chain: tuple[str, ...]  # the names that the domain leads through
    problem: str = ""
    message: str = ""
    named: tuple[str, ...] = ()  # by TXT records, where the CNAMEs do not lead here

    def keeps(self, holder: str, newcomer: str) -> bool:
        """Whether the domain, which leads to `newcomer`, stays with `holder`, both the names to lead to. A
        CNAME says where visitors go: a TXT record gives way to it. Of two of a kind the holder's holds."""
        return holder in self.chain or (holder in self.named and newcomer not in self.chain)


def where_it_leads(domain: str, cname: str) -> Seen:
    """Whether the CNAMEs of `domain` lead to `cname`, or a TXT record at TXT_LABEL below it names it."""
    chain, name = [], domain
    try:
        for _ in range(LONGEST_CHAIN):
            following = _first(name, "CNAME")
            if not following:
                break
            name = following[0].rstrip(".").lower()
            chain.append(name)
            if name == cname:
                return Seen(True, tuple(chain))
        named = tuple(text.strip('"') for text in _first(f"{TXT_LABEL}.{domain}", "TXT"))
        if cname in named:
            return Seen(True, tuple(chain), named=named)
    except dns.exception.Timeout:
        return Seen(False, tuple(chain), "timeout", "The name servers did not answer in time.")
    except dns.exception.DNSException:
        return Seen(False, tuple(chain), "dns_error", "The name servers answered with an error.")
    if chain:
        return Seen(False, tuple(chain), "other_cname", f"{domain} leads to {chain[-1]}, not to {cname}.")
    return Seen(False, (), "no_cname", f"{domain} has no CNAME record yet.")


def _first(name: str, kind: str) -> list[str]:
    try:
        asked = resolver(settings.RESOLVERS, DNS_SECONDS)
        found = asked.resolve(name + ".", kind, search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    return [record.to_text() for record in found.rrset or ()]
