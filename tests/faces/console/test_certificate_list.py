"""The list of certificates: its filters, and several years of one together."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hanaper import clock
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Company
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.apps.certificates.conftest import DV3, OV
from tests.people import Person

pytestmark = pytest.mark.django_db


def listed(person: Person, **wanted: str) -> str:
    client = Client()
    client.force_login(person.user)
    assert person.account is not None
    answer = client.get(f"/a/{person.account.public_id}/certificates/", wanted)
    assert answer.status_code == 200
    return answer.content.decode()


def ends(certificate: Certificate, days: int) -> Certificate:
    """As if it were in force, and ended so many days from now."""
    Certificate.objects.filter(pk=certificate.pk).update(
        state="issued",
        issued_at=clock.now() - timedelta(days=300),
        term_begin=clock.now() - timedelta(days=300),
        term_end=clock.now() + timedelta(days=days),
    )
    return certificate


def test_what_ends_soon_comes_first(
    owner: Person, validating: Callable[..., Certificate], at: datetime, settings: Any
) -> None:
    late, soon, sooner = (
        ends(validating(domains=[f"{name}.example.com"]), days)
        for name, days in (("late", 80), ("soon", 25), ("sooner", 5))
    )
    everything = listed(owner)
    assert all(one.public_id in everything for one in (late, soon, sooner))
    month = listed(owner, expires="30")
    assert late.public_id not in month
    assert month.index(sooner.public_id) < month.index(soon.public_id)
    assert soon.public_id not in listed(owner, expires="7")
    assert late.public_id in listed(owner, expires="nonsense")
    for state, brand, found in (("issued", "Hanaper", True), ("revoked", "", False), ("", "Chancery", False)):
        assert (late.public_id in listed(owner, state=state, brand=brand)) is found


def test_the_calendar_leads_to_a_month(owner: Person, validating: Callable[..., Certificate]) -> None:
    one = ends(validating(domains=["month.example.com"]), 40)
    one.refresh_from_db()
    month = one.term_end.strftime("%Y-%m")
    assert one.public_id in listed(owner, ends=month)
    assert one.public_id not in listed(owner, ends="2001-02")
    assert one.public_id in listed(owner, ends="9999-12") and one.public_id in listed(owner, ends="x")
    client = Client()
    client.force_login(owner.user)
    overview = client.get(f"/a/{owner.account.public_id}/overview/").content.decode()  # type: ignore[union-attr]
    assert f"?ends={month}" in overview
    # Its last month is the one of now, a year later.
    assert re.search(rf"<span>\w+ {clock.now().year + 1}</span></li></ul>", overview)


@pytest.mark.usefixtures("issuer")
def test_the_years_of_one_stand_together_the_first_first(
    owner: Person, issued: Callable[..., Certificate]
) -> None:
    first = issued(DV3, domains=["years.example.com"])
    page = listed(owner)
    second, third = Certificate.objects.filter(series=first.series, year__gt=1).order_by("year")
    places = [page.index(f"{one.public_id}/") for one in (first, second, third)]
    assert places == sorted(places)
    assert page.count("years.example.com</a>") == 3, "those not activated have the names of the first"


def test_a_look_is_offered_while_a_name_waits_for_one(
    owner: Person, validating: Callable[..., Certificate], settings: Any
) -> None:
    """And the sandbox's own command where it helps: its name server shows no files."""
    settings.SANDBOX = True
    client = Client()
    client.force_login(owner.user)
    assert owner.account is not None
    shown = {}
    for method in ("dns", "http"):
        one = validating(at=clock.now(), method=method, domains=[f"{method}.example.com"])
        address = f"/a/{owner.account.public_id}/certificates/{one.public_id}/"
        shown[method] = client.get(address).content.decode()
        DomainCheck.objects.filter(application__certificate=one).update(
            state="passed", obtained_at=clock.now()
        )
        passed = client.get(address).content.decode()
        assert "Look now" in shown[method] and "Look now" not in passed and "sandbox prove" not in passed
    assert "sandbox prove" in shown["dns"] and "sandbox prove" not in shown["http"]


def test_what_a_reviewer_looks_at_does_not_wait_for_the_customer(
    owner: Person, validating: Callable[..., Certificate], company: Company, publish, work
) -> None:
    client, now = Client(), clock.now()
    client.force_login(owner.user)
    assert owner.account is not None
    for checked in (False, True):
        one = validating(OV, at=now, company=company.public_id, domains=[f"{checked}.example.com".lower()])
        if checked:
            publish(one)
            work(now)
    shown = client.get(f"/a/{owner.account.public_id}/overview/").content.decode()
    theirs, ours = shown.index("Certificates that wait for you"), shown.index("Reviews pending")
    end = shown.index("Balance", ours)
    assert theirs < shown.index("false.example.com") < ours < shown.index("true.example.com") < end
