"""Python files as the checks see them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path within the checkout, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Source":
        return cls(path, text, ast.parse(text))


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that breaks a rule, and why the rule is there."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def sources(folder: str = "hanaper") -> Iterator[Source]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield Source.parse(path.relative_to(ROOT).as_posix(), path.read_text())


def called(node: ast.AST) -> str:
    """The dotted name that a call names, as far as it is written out: `datetime.now`, `x.filter`."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        inside = called(node.value)
        return f"{inside}.{node.attr}" if inside else node.attr
    return node.id if isinstance(node, ast.Name) else ""
