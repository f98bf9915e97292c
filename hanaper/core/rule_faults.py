"""What is wrong with rules that people write (a template, a site's behaviour), a sentence at each field.

Rules are models of pydantic. Their own validators raise ValueErrors in words for people, which are told as
they are; what pydantic itself finds is said in ours. A validator that finds several things wrong with one
field says all of them by `refuse_all`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from hanaper.core.errors import Fault

OWN = "value_error"
_NUMBER, _TEXT, _SWITCH = "Write a whole number.", "Write a text.", "Write true or false."
_LIST, _GROUP = "Write a list.", "Write a group of rules (a table in TOML, an object in JSON)."
_OTHER = "This cannot be written here."
_SAID = {
    "missing": "This is needed: write it.",
    "extra_forbidden": "There is no such rule: leave it out.",
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "string_type": _TEXT,
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _GROUP,
    "model_type": _GROUP,
    "model_attributes_type": _GROUP,
    "greater_than_equal": "Write at least {ge}.",
    "less_than_equal": "Write at most {le}.",
    "literal_error": "Write one of {expected}.",
    "enum": "Write one of {expected}.",
    "string_too_short": "Too short: its least length is {min_length}.",
    "string_too_long": "Too long: its greatest length is {max_length}.",
    "too_short": "At least {min_length} of them.",
    "too_long": "At most {max_length} of them.",
}


class Several(ValueError):
    """What is wrong with one field, a sentence each."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__(" ".join(messages))
        self.messages = tuple(messages)


def refuse_all(messages: Sequence[str]) -> None:
    """Several, if there is any."""
    if messages:
        raise Several(messages)


def faults_of(wrong: ValidationError, prefix: str) -> list[Fault]:
    """Each at `<prefix>.<path>`, with pydantic's type as its code. That too few of a list were right is not
    said beside what was wrong with each."""
    found = [
        Fault(".".join([prefix, *map(str, one["loc"])]), said, one["type"])
        for one in wrong.errors()
        for said in _said(one["type"], one.get("ctx", {}))
    ]
    return [one for one in found if not (one.code == "too_short" and _has_more(one.field, found))]


def _has_more(field: str, found: Sequence[Fault]) -> bool:
    return any(one.field.startswith(f"{field}.") for one in found)


def _said(kind: str, values: Mapping[str, Any]) -> Sequence[str]:
    if kind != OWN:
        return [_SAID.get(kind, _OTHER).format(**values)]
    error = values["error"]
    return error.messages if isinstance(error, Several) else [str(error)]
