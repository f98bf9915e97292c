"""The full linter in a process of its own finds what it finds here, and nothing is signed when it fails."""

from datetime import timedelta

import pytest

from hanaper.apps.authority import full_lint
from hanaper.apps.authority.full_lint import lint_apart
from hanaper.apps.authority.models import Issuance
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.full_linting import lint_fully
from tests.fixtures_authority import issued

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("book", list(Rulebook))
def test_it_finds_the_same(issuing, at, book):
    der = bytes(issued(issuing, at).certificate)
    assert lint_apart(der, book) == lint_fully(der, book)


def test_what_no_linter_can_read_is_an_error():
    (finding,) = lint_apart(b"no certificate", Rulebook.PRIVATE)
    assert finding == lint_fully(b"no certificate", Rulebook.PRIVATE)[0]


def test_when_it_fails_nothing_is_signed(issuing, at, monkeypatch):
    monkeypatch.setattr("hanaper.apps.authority.linting.lint_apart", lint_apart)
    monkeypatch.setattr(full_lint, "CHILD", "import sys; sys.exit('out of memory')")
    with pytest.raises(RuntimeError, match="out of memory"):
        issued(issuing, at + timedelta(hours=1))
    assert not Issuance.objects.exists()
