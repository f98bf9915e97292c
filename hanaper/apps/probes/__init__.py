"""Probes look whether somebody controls a name: one small contract, a file a method.

A probe is asked in system time and answers within seconds; it never raises for what the outside does. It says
what it saw in words that help the owner of the name and tell nobody anything about addresses inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """`domain`: the base name in A-labels, or an IP address; `token`: what must be found; `check`: what the
    place is called after where it is not called after the name alone."""

    domain: str
    token: str
    check: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`seen` are JSON values: always `place`, where we looked, and `problem` (None when it passed)."""

    passed: bool
    seen: Mapping[str, Any]


class Probe(Protocol):
    def place(self, question: Question) -> str:
        """Where the token is to be put: the name of a record, or an address."""

    def look(self, question: Question) -> Answer:
        """Look once, now."""
