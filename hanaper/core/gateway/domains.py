"""Which domain an instance takes (SPEC section 6), and the name that its owner points it to."""

from hanaper.core.certificate.identifiers import parse_host
from hanaper.core.errors import InvalidInput


def domain_of(given: object, zone: str) -> str:
    """The host in lower-case A-labels. InvalidInput at `domain` for what is not one host with a zone, or lies
    in `zone`, the gateway's own."""
    try:
        name, wildcard = parse_host(given)
    except InvalidInput as wrong:
        if wrong.code != "ip_address":
            raise
        raise InvalidInput(
            f"{str(given)[:60]} is an address, or looks like one: an instance serves a domain, such as"
            " www.example.com.",
            field="domain",
            code="ip_address",
        ) from None
    if wildcard:
        raise InvalidInput(
            "An instance takes one host, and a wildcard is many.", field="domain", code="no_wildcard_domain"
        )
    if "." not in name:
        raise InvalidInput(
            "A domain that visitors can find has at least two parts, such as www.example.com.",
            field="domain",
            code="single_label",
        )
    if f".{name}".endswith(f".{zone}"):
        raise InvalidInput(
            f"{name} is a name of the gateway's own: give a domain of yours, and lead it there.",
            field="domain",
            code="gateways_own",
        )
    return name


def cname_of(instance: str, zone: str) -> str:
    """What the owner sets as CNAME: unguessable as the instance's public id is, so that it proves control."""
    return f"{instance.replace('_', '-')}.{zone}"


def endings_of(domain: str) -> list[str]:
    """What it ends with: `www.example.com`, `example.com` and `com`."""
    labels = domain.split(".")
    return [".".join(labels[first:]) for first in range(len(labels))]
