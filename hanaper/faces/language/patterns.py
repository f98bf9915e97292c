"""Sentences with places for values, and their translations: `locale/<language>/sentences.toml`."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.utils.translation import to_locale

LOCALE = Path(__file__).parent.parent / "locale"
PLACE = re.compile(r"\{(\d*)\}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """`source`: an English sentence with `{}` for each value; `target`: its translation with `{0}`, `{1}`."""

    source: str
    target: str
    expression: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        literal = [re.escape(part) for part in self.source.split("{}")]
        object.__setattr__(self, "expression", re.compile("(.*?)".join(literal), re.DOTALL))

    def match(self, sentence: str) -> Sequence[str] | None:
        found = self.expression.fullmatch(sentence)
        return found.groups() if found else None

    def fill(self, values: Sequence[str]) -> str:
        numbers = iter(range(len(values)))
        return PLACE.sub(lambda place: values[int(place[1] or next(numbers))], self.target)


class Patterns:
    """Every pattern of a language, found by its first word or, failing that, by trying those without one."""

    def __init__(self, translations: dict[str, str]) -> None:
        self._by_word: dict[str, list[Pattern]] = {}
        self._open: list[Pattern] = []
        # The most literal first: what fits it fits a vaguer one too.
        for source in sorted(translations, key=lambda text: -len(text.replace("{}", ""))):
            pattern = Pattern(source, translations[source])
            word = source.split(" ", 1)[0]
            if "{}" in word:
                self._open.append(pattern)
            else:
                self._by_word.setdefault(word, []).append(pattern)

    def fitting(self, sentence: str) -> Iterator[Pattern]:
        yield from self._by_word.get(sentence.split(" ", 1)[0], ())
        yield from self._open


@lru_cache
def patterns_of(language: str) -> Patterns:
    file = LOCALE / to_locale(language) / "sentences.toml"
    found = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    return Patterns({source: target for source, target in found.items() if target})
