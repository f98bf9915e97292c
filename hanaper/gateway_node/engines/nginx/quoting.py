"""Values in nginx's configuration language: none of ours can end a string, or begin a variable.

nginx has no escape for `$`; a variable that holds one stands for it (`gw_dollar`, defined by common.conf).
"""

import string

DOLLAR = "gw_dollar"
_PLAIN = frozenset(string.ascii_letters + string.digits + "_-/")


def quoted(value: str) -> str:
    """`value` as one argument, word for word. ValueError for what no configuration should hold."""
    return f'"{_escaped(value).replace("$", f"${{{DOLLAR}}}")}"'


def key(value: str) -> str:
    """`value` as the left side of a map, matched word for word; variables mean nothing there.

    ValueError for the beginnings that mean something: a pattern, an escape.
    """
    if value.startswith(("~", "\\")):
        raise ValueError("the beginning of a pattern")
    return f'"{_escaped(value)}"'


def pattern(value: str) -> str:
    """What matches strings that begin with `value`, as the left side of a map."""
    _refuse_controls(value)
    literal = "".join(chr(one) if chr(one) in _PLAIN else f"\\x{one:02x}" for one in value.encode())
    return f'"~^{_escaped(literal)}"'


def _escaped(value: str) -> str:
    _refuse_controls(value)
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _refuse_controls(value: str) -> None:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("a control character")
