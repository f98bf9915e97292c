"""Sentences of the service, which are written in English where they are made, in another language.

Refusals, reasons and steps are sentences with values in them ("There is no order 'ord_1' in this account.").
Floors below do not know who reads them. So the source is their catalogue: each sentence there is a pattern
("There is no order {} in this account."), the translation of a pattern says where its values go, and a
sentence is translated by finding its pattern. Values are translated too, for they may be sentences and dates
themselves. What has no translation is shown as it is.
"""

import re
from datetime import date
from functools import lru_cache

from babel.dates import format_date
from django.utils.translation import get_language

from hanaper.core.refund.words import MONTHS
from hanaper.faces.language.patterns import patterns_of

DEPTH = 4
BETWEEN = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})")


def translate(sentence: str) -> str:
    """`sentence` in the active language."""
    language = get_language() or "en"
    return sentence if language.startswith("en") else _translated(sentence, language)


@lru_cache(maxsize=4096)
def _translated(text: str, language: str, depth: int = DEPTH) -> str:
    """As many sentences together as one pattern has, from the left."""
    sentences = BETWEEN.split(text)
    translated, first = [], 0
    while first < len(sentences):
        for last in range(len(sentences), first, -1):
            found = _matched(" ".join(sentences[first:last]), language, depth)
            if found is not None:
                break
        else:
            last, found = first + 1, sentences[first] + " "
        translated.append(found)
        first = last
    return "".join(translated).rstrip(" ") if len(translated) > 1 else translated[0].removesuffix(" ")


def _matched(sentence: str, language: str, depth: int) -> str | None:
    if date_found := DATE.fullmatch(sentence):
        day = date(int(date_found[3]), MONTHS.index(date_found[2]) + 1, int(date_found[1]))
        return str(format_date(day, "long", locale=language.replace("-", "_")))
    for pattern in patterns_of(language).fitting(sentence):
        values = pattern.match(sentence)
        # A value is a word, a date or one sentence; what spans several was matched by mistake.
        if values is not None and not any(BETWEEN.search(value) for value in values):
            return pattern.fill([_value(value, language, depth) for value in values])
    return None


def _value(value: str, language: str, depth: int) -> str:
    return _translated(value, language, depth - 1) if depth else value
