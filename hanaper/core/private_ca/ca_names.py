"""What a private CA is found by: its name from any of its words on, so that an index answers."""

import re

LONGEST = 80
_WORD = re.compile(r"\w+")


def endings_of_name(name: str) -> list[str]:
    """The rest of the name from each word on, in small letters: `issuing ca 2`, `ca 2` and `2`."""
    written = plain(name)
    return [written[found.start() :][:LONGEST] for found in _WORD.finditer(written)]


def is_found(name: str, text: str) -> bool:
    """Whether a search for `text` finds it."""
    return any(one.startswith(plain(text)) for one in endings_of_name(name))


def plain(text: str) -> str:
    """As names are compared."""
    return " ".join(text.lower().split())
