"""What a body may not say: true for a number; a character that is none is found where it stands."""

from typing import Any, Literal

import pytest
from pydantic import ValidationError

from hanaper.core.errors import Refusal
from hanaper.core.private_ca.templates import Template
from hanaper.faces.rest.body import Body, read_json


class Wanted(Body):
    days: int | None = None
    hours: list[int] = []
    name: str = ""
    sure: bool | None = None
    always: Literal[True] = True
    anything: Any = None


@pytest.mark.parametrize(
    "given",
    [
        {"days": True},
        {"days": False},
        {"hours": [1, True]},
        {"name": True},
        {"days": "5"},
        {"hours": [1, "2"]},
    ],
)
def test_true_and_text_are_no_numbers(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as met:
        Wanted.model_validate(given)
    assert {fault["loc"][0] for fault in met.value.errors()} == set(given)


def test_true_is_true() -> None:
    told = Wanted.model_validate({"days": 5, "name": "5", "sure": True, "always": True, "anything": [True]})
    assert (told.days, told.sure, told.anything) == (5, True, [True])


@pytest.mark.parametrize("field", ["days", "longest_days"])
def test_nor_in_a_template(field: str) -> None:
    with pytest.raises(ValidationError):
        Template.model_validate({"title": "T", "uses": ["serverAuth"], field: True})


def test_where_a_character_stands_that_is_none() -> None:
    with pytest.raises(Refusal) as met:
        read_json(b'{"csv": "dns\\na.test\\nb\\u0000.test"}')
    assert met.value.message.endswith("csv does in line 3, at character 2.")
