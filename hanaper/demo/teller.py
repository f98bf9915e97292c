"""How the story is told: a line for what somebody did, what was seen, what was decided and refused."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from hanaper.core.money import format_amount


class Teller:
    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._acts = 0

    def act(self, title: str) -> None:
        self._acts += 1
        self._console.print(f"\n[bold]{self._acts}. {escape(title)}[/bold]")

    def did(self, text: str) -> None:
        self._console.print(f"   {escape(text)}")

    def saw(self, text: str) -> None:
        self._console.print(f"   [green]✓[/green] {escape(text)}")

    def decided(self, verdict: str, amount: str, reasons: Sequence[Mapping[str, str]]) -> None:
        self._console.print(f"   decision: [cyan]{escape(verdict)}[/cyan], {escape(amount)}")
        for reason in reasons:
            self._console.print(f"     {escape(reason['clause'])}: {escape(reason['text'])}")

    def refused(self, error: Mapping[str, Any]) -> None:
        clause = f" ({error['clause']})" if error.get("clause") else ""
        self._console.print(f"   [yellow]refused[/yellow] {escape(str(error['code']))}{clause}")

    def statement(self, statement: Mapping[str, Any]) -> None:
        currency = statement["currency"]
        self._console.print(f"   opening {format_amount(statement['opening'], currency):>40}")
        for line in statement["lines"]:
            amount, balance = (format_amount(line[name], currency) for name in ("amount", "balance"))
            self._console.print(f"   {line['kind']:<28}{amount:>16}{balance:>20}")
        self._console.print(f"   closing {format_amount(statement['closing'], currency):>40}")

    def printed(self, text: str) -> None:
        for line in text.strip().splitlines():
            self._console.print(f"   [dim]{escape(line)}[/dim]")
