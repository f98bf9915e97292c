"""An account with contacts and companies, domains it controls, and the work that runs behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper import clock
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.issuing import IssuerOrder
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.apps.certificates.services import applying, creating, people, revoking
from hanaper.apps.certificates.sweep import sweep
from tests.apps.certificates.fake_issuer import FakeIssuer
from tests.fixtures_dns import *  # noqa: F403 - its fixtures
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

DV = "hanaper-dv-single-1y"
DV2 = "hanaper-dv-single-2y"
DV3 = "hanaper-dv-single-3y"
WILD = "hanaper-dv-wildcard-1y"
OV = "hanaper-ov-single-1y"
PUBLIC = "chancery-dv-single-1y"
NEEDS_ID = "greatseal-ov-single-1y"


@pytest.fixture
def contact(owner, at) -> Contact:
    fields = {"name": "Ada", "email": "ada@example.com", "id_number": "X12345678"}
    return people.create_contact(owner.actor, owner.account, fields=fields, at=at)


@pytest.fixture
def company(owner, at) -> Company:
    fields = {"organization": "Example Ltd", "country": "GB", "locality": "London"}
    return people.create_company(owner.actor, owner.account, fields=fields, at=at)


@pytest.fixture
def publish(name_server) -> Callable[[Certificate], None]:
    """Put the records of every pending check where they belong, as the owner of the domains would."""

    def put(certificate: Certificate) -> None:
        for check in DomainCheck.objects.filter(application__certificate=certificate, state="pending"):
            name_server.records[(f"_hanaper-challenge.{check.domain}", "TXT")] = [check.token]

    return put


@pytest.fixture
def work() -> Callable[..., None]:
    """Sweep some rounds; back-off is skipped over by looking from an ever later system time."""
    reached = [clock.system_now()]

    def run(at: datetime, rounds: int = 5) -> None:
        for _ in range(rounds):
            reached[0] += timedelta(hours=2)
            sweep(at, reached[0])

    return run


@pytest.fixture
def form(contact) -> dict[str, Any]:
    return {"domains": ["shop.example.com"], "contact": contact.public_id}


@pytest.fixture
def pending(owner, catalogue, at) -> Callable[..., Certificate]:
    """A certificate in Pending Application from an order of its own."""

    def make(product: str = DV, **choices: Any) -> Certificate:
        order = buy(owner, product, at=choices.pop("at", at), **choices)
        line = creating.line_of(order, None)
        return creating.create(owner.actor, line, at=order.paid_at)

    return make


@pytest.fixture
def validating(owner, pending, form, at, name_server) -> Callable[..., Certificate]:
    def make(product: str = DV, at: datetime = at, **fields: Any) -> Certificate:
        certificate = pending(product, at=at)
        return applying.submit(owner.actor, certificate, form={**form, **fields}, at=at)

    return make


@pytest.fixture
def issued(validating, publish, work, at) -> Callable[..., Certificate]:
    def make(product: str = DV, at: datetime = at, **fields: Any) -> Certificate:
        certificate = validating(product, at=at, **fields)
        publish(certificate)
        work(at)
        certificate.refresh_from_db()
        assert certificate.state == "issued", certificate.applications.latest("pk").failure
        return certificate

    return make


@pytest.fixture
def validating_revocation(owner, issued, at) -> Callable[..., Certificate]:
    def make(product: str = DV, at: datetime = at, **fields: Any) -> Certificate:
        certificate = issued(product, at=at, **fields)
        revoking.request_revocation(owner.actor, certificate, at=at)
        certificate.refresh_from_db()
        return certificate

    return make


@pytest.fixture
def revoked(validating_revocation, reviewer, work, at) -> Callable[..., Certificate]:
    def make(product: str = DV, at: datetime = at, **fields: Any) -> Certificate:
        certificate = validating_revocation(product, at=at, **fields)
        revoking.approve_revocation(reviewer.actor, certificate.revocations.get(), at=at)
        work(at)
        certificate.refresh_from_db()
        assert certificate.state == "revoked"
        return certificate

    return make


def x509s(certificate: Certificate) -> list[IssuerOrder]:
    return list(certificate.issuer_orders.filter(leaf__isnull=False).order_by("pk"))


@pytest.fixture
def issuer(monkeypatch) -> FakeIssuer:
    """A CA that can be told to misbehave, instead of the built-in one."""
    fake = FakeIssuer()
    for call in ("submit", "poll", "fetch", "revoke"):
        monkeypatch.setattr(f"hanaper.apps.certificates.at_issuer.{call}", getattr(fake, call))
    return fake
