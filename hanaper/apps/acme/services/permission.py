"""What an ACME account may order: what its external key, the template and every CA above permit."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hanaper.apps.acme.models import AcmeAccount, ExternalKey
from hanaper.apps.private_ca.services.issuing import constraints_of, issuing_authority_of, latest_end
from hanaper.apps.private_ca.templates import template_named
from hanaper.core.acme.identifiers import Identifier, by_kind, rejected
from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.private_ca.alternative_names import AlternativeNames
from hanaper.core.private_ca.deciding import Asked, decide
from hanaper.core.private_ca.name_constraints import NameConstraints
from hanaper.core.private_ca.requests import DEFAULT_KEY, Request, judge
from hanaper.core.private_ca.templates import Template
from hanaper.core.x509.names import Subject


@dataclass(frozen=True, slots=True)
class Permission:
    """What template and every CA above permit to the account of a request, as they are at its time."""

    account: AcmeAccount
    at: datetime
    template: Template
    constraints: list[NameConstraints]
    latest: datetime

    @classmethod
    def of(cls, account: AcmeAccount, at: datetime) -> "Permission":
        authority = issuing_authority_of(account.ca, at)
        template = template_named(account.ca.account, account.template)
        return cls(account, at, template, constraints_of(authority), latest_end(account.ca, authority))

    def refuse_names(self, identifiers: Sequence[Identifier]) -> None:
        """AcmeProblem `rejectedIdentifier` with a subproblem for each that is not permitted."""
        given = by_kind(identifiers)
        faults = [*_outside(self.account.key, identifiers), *self._not_certified(given)]
        if faults:
            raise rejected(faults, given)

    def refuse_request(self, request: Request) -> None:
        """Refuse as issuing would, before anything is taken for it: InvalidInput with every fault."""
        judge(request, self.template, self.constraints, at=self.at, latest=self.latest)

    def _not_certified(self, given: dict[str, list[str]]) -> list[Fault]:
        """What template and name constraints have against the names, whatever the CSR will say besides."""
        names = AlternativeNames(dns=tuple(given["dns"]), ip=tuple(given["ip"]))
        asked = Asked(Subject(), names, next(iter(self.template.keys), DEFAULT_KEY))
        try:
            decide(self.template, asked, self.constraints)
        except InvalidInput as wrong:
            return [fault for fault in wrong.faults if fault.field.startswith("names")]
        return []


def _outside(key: ExternalKey, identifiers: Sequence[Identifier]) -> list[Fault]:
    if not key.domains and not key.networks:
        return []
    counts = {"dns": 0, "ip": 0}
    faults = []
    for one in identifiers:
        if not _within(key, one):
            message = f"{one.value} is not among the names that this account's key allows."
            faults.append(Fault(f"names.{one.kind}.{counts[one.kind]}", message, "not_in_key"))
        counts[one.kind] += 1
    return faults


def _within(key: ExternalKey, one: Identifier) -> bool:
    if one.kind == "dns":
        return any(one.base == domain or one.base.endswith("." + domain) for domain in key.domains)
    address = ipaddress.ip_address(one.value)
    networks = [ipaddress.ip_network(each) for each in key.networks]
    return any(each.version == address.version and address in each for each in networks)
