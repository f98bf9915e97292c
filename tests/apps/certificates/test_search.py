"""Found by what some part of a name begins with; by serial number; by id. Never another account's."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from hanaper.apps.certificates import search
from hanaper.apps.certificates.models.certificates import Certificate, CertificateName
from hanaper.apps.certificates.queries import certificates
from hanaper.apps.certificates.search import endings
from tests.people import Person

WILDCARD = "hanaper-dv-wildcard-1y"


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("www.shop.example.com", True),
        ("shop.ex", True),
        ("SHOP.Example", True),
        (" example.com ", True),
        ("com", True),
        ("w", True),
        ("hop.example", False),  # not where a part begins
        ("www.shop.example.com.", False),
        ("wwx", False),
        ("ww_", False),
        ("ww%", False),
        ("shop\U0010ffff", False),
        ("straße.shop", False),
        ("\ud800", False),
    ],
)
def test_by_the_beginning_of_any_part(
    owner: Person, validating: Callable[..., Certificate], text: str, finds: bool
) -> None:
    certificate = validating(domains=["www.shop.example.com"])
    assert list(certificates(owner.actor, search=text)) == ([certificate] if finds else [])


def test_a_wildcard_and_the_names_of_another_alphabet(
    owner: Person, validating: Callable[..., Certificate]
) -> None:
    wild = validating(WILDCARD, domains=["*.example.com"])
    other = validating(domains=["bücher.example.com"])
    assert list(certificates(owner.actor, search="*.ex")) == [wild]
    assert list(certificates(owner.actor, search="bücher")) == [other]
    assert list(certificates(owner.actor, search="xn--bcher")) == [other]
    assert set(certificates(owner.actor, search="example")) == {wild, other}


def test_by_id_and_by_nothing_that_is_there(owner: Person, validating: Callable[..., Certificate]) -> None:
    certificate = validating(domains=["www.shop.example.com"])
    assert list(certificates(owner.actor, search=certificate.public_id)) == [certificate]
    assert list(certificates(owner.actor, search="00:ff:00")) == []


@pytest.mark.parametrize("few", [1, 1000])
def test_never_another_account_s(
    owner: Person, stranger: Person, administrator: Person, validating: Callable[..., Certificate], few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """However many it finds."""
    monkeypatch.setattr(search, "FEW", few)
    mine = {validating(domains=[f"{name}.example.com"]) for name in ("a", "b")}
    assert set(certificates(owner.actor, search="example")) == mine
    assert set(certificates(administrator.actor, search="example")) == mine
    assert list(certificates(stranger.actor, search="example")) == []


def test_another_application_has_other_names(
    owner: Person, validating: Callable[..., Certificate], form: dict[str, Any], at: datetime
) -> None:
    validating(domains=["www.shop.example.com"])
    kept = set(CertificateName.objects.values_list("ending", flat=True))
    assert kept == {"www.shop.example.com", "shop.example.com", "example.com", "com"}
    assert endings(["*.example.com", "example.com"]) == ["*.example.com", "com", "example.com"]


def test_the_index_answers(owner: Person, validating: Callable[..., Certificate], at: datetime) -> None:
    """One range of the account's own endings, and no scan of every name."""
    validating(domains=["www.shop.example.com"])
    with CaptureQueriesContext(connection) as captured:
        list(certificates(owner.actor, search="shop.ex"))
    named = next(one["sql"] for one in captured if '"ending"' in one["sql"])
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # of a table with four rows
        cursor.execute(explain + named)
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "_ending" in plan and "SCAN certificates_certificatename" not in plan, plan


@pytest.mark.django_db(transaction=True)
def test_names_that_were_kept_whole_are_found_after_an_upgrade(
    owner: Person, validating: Callable[..., Certificate]
) -> None:
    """From the version before, on a filled database, forwards (0004 to 0006)."""
    certificate = validating(domains=["www.shop.example.com"])
    # What came later depends on the steps put together, which to go back step by step knows nothing of.
    MigrationExecutor(connection).migrate([("certificates", "0001_squashed_0006_find_name_endings")])
    executor = MigrationExecutor(connection)
    executor.migrate([("certificates", "0003_by_state")])
    old = executor.loader.project_state([("certificates", "0003_by_state")]).apps
    names = old.get_model("certificates", "CertificateName")
    names.objects.exclude(name="www.shop.example.com").delete()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("certificates"))
    kept = CertificateName.objects.values_list("ending", "account_id")
    assert set(kept) == {
        (ending, certificate.account_id)
        for ending in ("www.shop.example.com", "shop.example.com", "example.com", "com")
    }
    assert list(certificates(owner.actor, search="shop.ex")) == [certificate]
