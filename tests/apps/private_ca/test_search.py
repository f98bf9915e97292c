"""Certificates and CAs found by what somebody remembers, by an index."""

from datetime import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from hanaper.apps.private_ca import queries
from hanaper.apps.private_ca.models.cas import CaName, PrivateCA
from hanaper.apps.private_ca.queries import certificates
from hanaper.apps.private_ca.search import cas_found_by
from hanaper.apps.private_ca.services import Request
from hanaper.core.x509.names import Subject
from hanaper.storage.prefixes import begins_with
from tests.apps.private_ca.certificates import DAY, issue, server
from tests.apps.private_ca.conftest import enable, reset
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_cas_by_any_word_of_their_name(
    owner: Person,
    stranger: Person,
    administrator: Person,
    root: PrivateCA,
    intermediate: PrivateCA,
    at: datetime,
) -> None:
    enable(owner, root, at, subject_name="Corp Root R1")
    enable(owner, intermediate, at, subject_name="Issuing-CA 2")
    for text in ("issuing", "CA 2", "ca  2", "2", intermediate.public_id):
        assert list(queries.cas_named(owner.actor, text)) == [intermediate], text
        for actor in (owner.actor, administrator.actor):
            assert list(queries.top_cas(actor, search=text)) == [root], text
        assert not queries.cas_named(stranger.actor, text).exists()
    assert list(queries.top_cas(owner.actor, search="corp")) == [root]
    assert not queries.top_cas(owner.actor, search="corp", state="not_enabled").exists()
    for text in ("ssuing", "%", "x"):
        assert not queries.top_cas(administrator.actor, search=text).exists(), text
    reset(owner, PrivateCA.objects.get(pk=intermediate.pk), at)
    assert not queries.cas_named(owner.actor, "issuing").exists()


def test_cas_of_before_are_found_after_the_migration(owner: Person, root: PrivateCA, at: datetime) -> None:
    enable(owner, root, at, subject_name="Corp Root R1")
    before = set(CaName.objects.values_list("ca", "ending"))
    CaName.objects.all().delete()
    import_module("hanaper.apps.private_ca.migrations.0016_fill_ca_names").fill(apps, None)
    assert set(CaName.objects.values_list("ca", "ending")) == before and len(before) == 3


def test_an_index_finds_them(root: PrivateCA) -> None:
    """SQLite says so; PostgreSQL prefers to walk along what has a few rows."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's planner looks at how many there are")
    named = CaName.objects.filter(begins_with("ending", "a"))
    for found in (named, PrivateCA.objects.filter(cas_found_by(root.public_id))):
        assert "SEARCH" in found.explain() and "SCAN" not in found.explain()


def test_found_by_any_part(owner: Person, stranger: Person, working: PrivateCA, at: datetime) -> None:
    first = issue(owner, working, at, server("db.corp.example"))
    other = issue(
        owner,
        working,
        at,
        Request("email", names={"email": ["Ada@Mail.Example"]}, subject=Subject(common_name="Ada L")),
    )
    for text, found in (
        ("corp.ex", first), ("db", first), ("ada@mail", other), ("mail.example", other), ("ada l", other),
        (first.serial.lower(), first), (":".join(first.serial[n : n + 2] for n in range(0, 40, 2)), first),
        (first.public_id, first), (first.fingerprint.upper(), first),
        (":".join(first.fingerprint[n : n + 2] for n in range(0, 64, 2)), first),
    ):  # fmt: skip
        assert list(certificates(owner.actor, search=text, at=at)) == [found], text
        assert not certificates(stranger.actor, search=text, at=at).exists()
    abroad = issue(owner, working, at, server("www.b\u00fccher.example"))
    for text in ("b\u00fccher", "B\u00fccher.ex", "xn--bcher-kva.example"):
        assert list(certificates(owner.actor, search=text, at=at)) == [abroad], text
    assert not certificates(owner.actor, search="\u00fc l", at=at).exists()
    assert not certificates(owner.actor, search="orp.example", at=at).exists()
    assert certificates(owner.actor, state="issued", ca=working, at=at).count() == 3
    assert certificates(owner.actor, expiring_before=at + 10 * DAY, at=at).count() == 0
