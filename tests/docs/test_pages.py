"""Documented things are true: generated pages agree with their source, settings and links exist."""

import re
from pathlib import Path

import pytest

from tools.docs import __main__ as docs

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.PAGE.name)
def test_generated_pages_are_as_they_would_be(page) -> None:
    assert page.PAGE.read_text("utf-8") == page.page()


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    read = set(re.findall(r'"(HANAPER_[A-Z_]+)"', (ROOT / "hanaper" / "settings.py").read_text()))
    text = (ROOT / "docs" / "operations.md").read_text()
    told = set(re.findall(r"`(HANAPER_[A-Z_]+)`", text))
    for prefix, names in re.findall(r"`(HANAPER_SMTP)_HOST`((?:, `_[A-Z]+`)+)", text):
        told |= {prefix + name for name in re.findall(r"`(_[A-Z]+)`", names)}
    assert read | {"HANAPER_DATA"} == told


@pytest.mark.parametrize(
    "page", [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_clause_is_cited_where_it_is_tested() -> None:
    tests = "".join(
        path.read_text() for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".toml")
    )
    clauses = [f"R{number}" for number in range(1, 19)] + [f"D{number}" for number in range(1, 19)]
    assert [clause for clause in clauses if not re.search(rf"\b{clause}\b", tests)] == []
