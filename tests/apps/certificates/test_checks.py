"""Checks of domain control: methods, tokens, reuse, giving up."""

import threading
from datetime import timedelta

import pytest

from hanaper import clock
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.services import applying, checking, creating, people
from hanaper.apps.certificates.sweep import sweep
from hanaper.apps.probes import Answer
from hanaper.core.errors import InvalidInput, RateLimited, Refusal
from tests.apps.certificates.conftest import PUBLIC, WILD
from tests.shop import buy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

DAY = timedelta(days=1)


def test_a_file_shows_control(validating, name_server, web_server, work, at):
    certificate = validating(method="http")
    check = certificate.applications.get().checks.get()
    name_server.records[("shop.example.com", "A")] = ["127.0.0.1"]
    work(at, rounds=1)
    check.refresh_from_db()
    assert check.seen["status"] == 404
    path = f"/.well-known/pki-validation/{check.public_id}.txt"
    web_server.files[("shop.example.com", path)] = check.token + "\n"
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "issued"


def test_a_wildcard_takes_a_record_only(owner, pending, form, at):
    certificate = pending(WILD)
    wild = {**form, "domains": ["*.example.com"]}
    with pytest.raises(InvalidInput) as refused:
        given = {**wild, "methods": {"*.example.com": "http"}}
        applying.submit(owner.actor, certificate, form=given, at=at)
    assert refused.value.code == "wildcard_needs_dns"
    # Said for all, it is meant for those that can.
    applying.submit(owner.actor, certificate, form={**wild, "method": "http"}, at=at)
    assert certificate.applications.get().checks.get().method == "dns"


def test_a_wildcard_and_its_base_share_one_check(owner, pending, form, at):
    certificate = pending("hanaper-dv-hybrid-1y")
    names = ["*.example.com", "example.com", "www.example.org"]
    methods = {"www.example.org": "http"}
    applying.submit(owner.actor, certificate, form={**form, "domains": names, "methods": methods}, at=at)
    checks = certificate.applications.get().checks.order_by("pk")
    assert [(one.domain, one.method) for one in checks] == [
        ("example.com", "dns"),
        ("www.example.org", "http"),
    ]


def test_tokens_are_fresh_and_long(validating, pending):
    tokens = {
        check.token
        for _ in range(3)
        for check in DomainCheck.objects.filter(application__certificate=validating())
    }
    assert len(tokens) == 3 and all(len(token) >= 43 for token in tokens)


def test_control_shown_is_used_again_within_the_rule(issued, validating, name_server, at):
    issued(PUBLIC)
    name_server.records.clear()
    again = validating(PUBLIC, at=at + 10 * DAY)
    check = again.applications.get().checks.get()
    assert (check.state, check.obtained_at) == ("passed", at) and check.reused is not None
    # From 2026-03-15 on: 200 days.
    late = validating(PUBLIC, at=at + 201 * DAY)
    assert late.applications.get().checks.get().state == "pending"


def test_a_validation_is_the_accounts_own(issued, stranger, form, name_server, at):
    issued(PUBLIC)
    fields = {"name": "Eve", "email": "eve@example.net"}
    contact = people.create_contact(stranger.actor, stranger.account, fields=fields, at=at)
    order = buy(stranger, PUBLIC, at=at)
    theirs = creating.create(stranger.actor, creating.line_of(order, None), at=at)
    theirs_form = {**form, "contact": contact.public_id}
    applying.submit(stranger.actor, theirs, form=theirs_form, at=at)
    assert theirs.applications.get().checks.get().state == "pending"


def test_a_file_is_no_permission_for_a_wildcard(validating, name_server, web_server, work, at):
    single = validating(method="http", domains=["example.com"])
    check = single.applications.get().checks.get()
    name_server.records[("example.com", "A")] = ["127.0.0.1"]
    path = f"/.well-known/pki-validation/{check.public_id}.txt"
    web_server.files[("example.com", path)] = check.token
    work(at)
    assert single.applications.get().state == "issued"
    wild = validating(WILD, domains=["*.example.com"])
    assert wild.applications.get().checks.get().state == "pending"


def test_it_gives_up_after_a_fortnight(validating, work, at):
    certificate = validating()
    check = certificate.applications.get().checks.get()
    DomainCheck.objects.filter(pk=check.pk).update(began_at=check.began_at - 14 * DAY)
    work(at, rounds=1)
    certificate.refresh_from_db()
    assert certificate.state == "validation_failed"
    assert certificate.applications.get().failure_code == "domain_check_failed"


def test_looking_again_is_asked_for_with_patience(owner, validating, pending, at):
    certificate = validating()
    checking.recheck(owner.actor, certificate, at=at)
    check = certificate.applications.get().checks.get()
    checking.pursue_check(check.pk, at, clock.system_now())
    with pytest.raises(RateLimited) as refused:
        checking.recheck(owner.actor, certificate, at=at)
    assert refused.value.code == "recheck_too_soon"
    with pytest.raises(Refusal) as nothing:
        checking.recheck(owner.actor, pending(), at=at)
    assert nothing.value.code == "nothing_to_check"


def test_many_are_looked_at_side_by_side(validating, monkeypatch, work, at):
    together = threading.Barrier(4)

    def slow(check):
        together.wait(timeout=30)  # broken, unless four are looked at at a time
        if check.domain.startswith("d3"):
            raise RuntimeError("a bug in a probe")
        return Answer(True, {"place": "x", "problem": None})

    certificates = [validating(domains=[f"d{number}.example.com"]) for number in range(8)]
    monkeypatch.setattr(checking.checks, "look", slow)
    sweep(at, clock.system_now())
    passed = DomainCheck.objects.filter(state="passed").count()
    assert passed == len(certificates) - 1
    broken = DomainCheck.objects.get(domain="d3.example.com")
    assert (broken.state, broken.tries, broken.seen["problem"]) == ("pending", 1, "internal")
