"""Paths that owners of sites write, held against those that visitors ask for."""

import re
from urllib.parse import quote, unquote

PATH = re.compile(r"/[!-~]*\Z")
LONGEST_SHOWN = 400


def refuse_unwritable(given: str) -> None:
    """ValueError for what stands in no request line; where writing it otherwise helps, with how."""
    if PATH.match(given):
        return
    if given.startswith("/"):
        encoded = quote(given, safe="/%:@!$&'()*+,;=-._~?#[]")
        if len(encoded) <= LONGEST_SHOWN:
            raise ValueError(f"A path has printable ASCII and no spaces: write it percent-encoded, {encoded}")
    raise ValueError("The path begins with / and has no spaces.")


def refuse_no_path(given: str) -> None:
    """Of what is compared with the path that a visitor asks for, once that is decoded."""
    refuse_unwritable(given)
    if "?" in given or "#" in given:
        raise ValueError("A path ends before the question mark, and has no #.")
    if any(character < " " or character in "\x7f\ufffd" for character in unquote(given)):
        raise ValueError("What stands behind % is no text in UTF-8.")


def refuse_what_never_fits(given: str, *, whole: bool) -> None:
    """Engines put a path in order before they compare it. `whole`: not only the beginning of one."""
    *parents, last = unquote(given).split("/")[1:]
    if "" in parents or "." in parents or ".." in parents or (whole and last in (".", "..")):
        raise ValueError("No path fits this: //, /./ and /../ are resolved before paths are compared.")


def as_compared(given: str) -> str:
    """How an engine reads the path of an address: decoded, in order, in lower case."""
    *parents, last = unquote(re.split("[?#]", given, maxsplit=1)[0]).split("/")[1:]
    kept: list[str] = []
    for part in [*parents, *([last] if last in (".", "..") else [])]:
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    return "/".join(["", *kept, "" if last in (".", "..") else last]).lower()
