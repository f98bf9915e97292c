"""`make bench`, or `python -m bench decisions issuance` for some: prints ratios, writes bench/latest.json."""

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

BENCHES = (
    "acme",
    "decisions",
    "gateway",
    "inventory",
    "issuance",
    "pages",
    "private_issuance",
    "refunds",
    "service",
    "status",
)


def main() -> int:
    chosen = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in chosen if name not in BENCHES]:
        sys.stderr.write(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}\n")
        return 2
    results = []
    for name in chosen:
        results += importlib.import_module(f"bench.{name}").run()
    table = Table("what", "unit", "ours", "peer", "peer's", "ratio")
    for result in results:
        table.add_row(
            result.name,
            result.unit,
            f"{result.ours:,.1f}",
            result.peer_name or "-",
            "-" if result.peer is None else f"{result.peer:,.1f}",
            "-" if result.ratio is None else f"{result.ratio:.2f}",
        )
    Console().print(table)
    written = Path(__file__).with_name("latest.json")
    written.write_text(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
