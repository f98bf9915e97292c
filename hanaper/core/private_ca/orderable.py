"""What can be ordered over ACME at all: an external key for something else would only mislead whoever has it.

An order names domains and addresses (RFC 8555 9.7.7, RFC 8738); a subject comes with the CSR.
"""

from collections.abc import Iterator, Sequence

from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import some
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.subtrees import why_never, within
from hanaper.core.private_ca.templates import Template


def orderable(template: Template) -> bool:
    """Whether some order fits it."""
    named = template.dns.allowed or template.ip.allowed
    return named and not (template.email.required or template.uri.required)


def key_faults(
    domains: Sequence[str],
    networks: Sequence[str],
    template: Template | None,
    constraints: Sequence[NameConstraints],
) -> Iterator[Fault]:
    """Why an external key that is narrowed like this opens nothing, or one of its names nothing. `template`:
    None, any; `constraints`: of the CA and those above it."""
    if template is not None and not orderable(template):
        message = (
            "Nobody can order by this template over ACME, where orders name domains and addresses: choose"
            " another one."
        )
        yield Fault("template", message, "not_orderable")
        return
    for field, kind, values in (("domains", "dns", domains), ("networks", "ip", networks)):
        for index, value in enumerate(values):
            why = why_never(kind, [value], constraints) or _why_not_by(template, kind, value)
            if why:
                yield Fault(f"{field}.{index}", why, "never_permitted")


def _why_not_by(template: Template | None, kind: str, value: str) -> str | None:
    if template is None:
        return None
    rule, limits = (
        (template.dns, template.dns.domains) if kind == "dns" else (template.ip, template.ip.networks)
    )
    if not rule.allowed:
        return "The template takes no names of this kind: leave them out, or choose another template."
    if limits and not any(within(kind, value, one) or within(kind, one, value) for one in limits):
        return f"{value} is outside of what the template takes: {some(limits)}."
    return None
