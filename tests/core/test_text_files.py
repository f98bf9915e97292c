"""Files as spreadsheets save them."""

import pytest

from hanaper.core.errors import InvalidInput
from hanaper.core.text_files import as_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_text(encoding: str) -> None:
    assert as_text("dns\nbücher.example\n".encode(encoding), "csv") == "dns\nbücher.example\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", "The file is text in UTF-16: save it again as UTF-8."),
        ("latin-1", "The file is no text in UTF-8: save it again as UTF-8."),
    ],
)
def test_what_else_spreadsheets_write(encoding: str, said: str) -> None:
    with pytest.raises(InvalidInput) as met:
        as_text("dns\nbücher.example\n".encode(encoding), "csv")
    assert (met.value.message, met.value.field, met.value.code) == (said, "csv", "not_utf8")
