"""Messages of pages: what templates and the console's modules mark for translation (gettext)."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
FACES = ROOT / "hanaper" / "faces"
PO = FACES / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def gathered() -> Catalog:
    """Every message, without translations."""
    catalog = Catalog(locale="zh_Hans", project="Hanaper", version="", copyright_holder="", fuzzy=False)
    for message, context in _messages():
        catalog.add(message, context=context)
    return catalog


def _messages() -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    for path in sorted((FACES / "console").rglob("*.py")):
        yield from _in(path.read_bytes())
    for path in sorted((FACES / "templates").rglob("*.html")):
        yield from _in(templatize(path.read_text("utf-8")).encode())


def _in(source: bytes) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    for _line, message, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        yield (tuple(message) if isinstance(message, list | tuple) else message), context


def kept() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh_Hans")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def updated() -> Catalog:
    """What is gathered now, with the translations that there are. The date of the first time stays."""
    wanted, old = gathered(), kept()
    wanted.creation_date, wanted.revision_date = old.creation_date, old.revision_date
    for message in wanted:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None and known.string:
            message.string = known.string
    return wanted


def write(catalog: Catalog) -> None:
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, omit_header=False)
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
