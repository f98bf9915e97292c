"""Sentences of the service, which are written in English where they are made, in another language.

Refusals, reasons and steps are sentences with values in them ("There is no order 'ord_1' in this account.").
Floors below do not know who reads them. So the source is their catalogue: each sentence there is a pattern
("There is no order {} in this account."), the translation of a pattern says where its values go, and a
sentence is translated by finding its pattern. Values are translated too, for they may be sentences and dates
themselves. What has no translation is shown as it is.
"""

import re
from functools import lru_cache

from django.utils.translation import get_language

from hanaper.faces.language.patterns import patterns_of

DEPTH = 4


def translate(sentence: str) -> str:
    """`sentence` in the active language."""
    language = get_language() or "en"
    return sentence if language.startswith("en") else _translated(sentence, language)


@lru_cache(maxsize=4096)
def _translated(sentence: str, language: str, depth: int = DEPTH) -> str:
    patterns = patterns_of(language)
    for pattern in patterns.fitting(sentence):
        found = pattern.match(sentence)
        if found is not None:
            return pattern.fill([_value(value, language, depth) for value in found])
    several = re.split(r"(?<=[.!?])\s+", sentence)
    if len(several) > 1 and depth:
        return "".join(_translated(one, language, depth - 1) for one in several)
    return sentence


def _value(value: str, language: str, depth: int) -> str:
    return _translated(value, language, depth - 1) if depth else value
