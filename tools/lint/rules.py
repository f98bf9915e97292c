"""The rules. Each takes one `Source` and yields its findings; each has a test that breaks it."""

import ast
from collections.abc import Callable, Iterator

from tools.lint.source import Finding, Source, called

Rule = Callable[[Source], Iterator[Finding]]

# Who may lock rows, in the order in which they are locked: the order first, then the thing, the payment
# part, the balance. A conditional update on one row does not protect a rule across rows under
# PostgreSQL's READ COMMITTED, so there is one way in: hanaper/apps/orders/locks.py.
MAY_LOCK = {
    "hanaper/apps/accounts/locks.py": "accounts before their members, staff roles",
    "hanaper/apps/orders/locks.py": "the order, before anything it paid for",
    "hanaper/apps/acme/locks.py": "an ACME account, with no other lock",
    "hanaper/apps/authority/locks.py": "an authority, for its CRL numbers",
    "hanaper/apps/payments/locks.py": "payments and their parts, after the order",
    "hanaper/apps/ledger/locks.py": "customers' balances, last",
    "hanaper/apps/audit/services.py": "the one sealer",
    "hanaper/apps/secrets/services.py": "the ring of master keys, while it is rotated",
}

MAY_READ_CLOCKS = {
    "hanaper/clock.py",
    # Processes and measures of elapsed time, not of what anything means.
    "hanaper/processes/supervisor.py",
    "hanaper/processes/worker.py",
    # The age of files.
    "hanaper/gateway_node/agent.py",
    "hanaper/gateway_node/health.py",
    "hanaper/gateway_node/serving.py",
}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "timezone.now",
    "time.time",
    "time.time_ns",
}


def locks(source: Source) -> Iterator[Finding]:
    """Rows are locked in one order, by one helper an area."""
    if source.path in MAY_LOCK:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called(node).endswith("select_for_update"):
            yield Finding(
                source.path,
                node.lineno,
                "rows are locked only by the lock helpers named in tools/lint/rules.py",
            )


def clocks(source: Source) -> Iterator[Finding]:
    """The clock is read once, at the edge, through hanaper.clock; below it is a parameter."""
    if source.path in MAY_READ_CLOCKS or source.path.startswith("hanaper/sandbox_card/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and any(
            called(node) == name or called(node).endswith("." + name) for name in CLOCKS
        ):
            yield Finding(
                source.path, node.lineno, f"{called(node)}: take the time from hanaper.clock or a parameter"
            )


def faces_without_tables(source: Source) -> Iterator[Finding]:
    """A face parses, calls one service or query, and renders: it never reaches for a table."""
    if not source.path.startswith("hanaper/faces/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            yield Finding(source.path, node.lineno, "faces call services and queries, not tables")


def walls(source: Source) -> Iterator[Finding]:
    """A public id that somebody gave leads to a row only through `get_visible`, which knows whose it is."""
    if source.path == "hanaper/storage/walls.py":
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or called(node).rpartition(".")[2] != "get":
            continue
        if any(keyword.arg == "public_id" for keyword in node.keywords):
            yield Finding(source.path, node.lineno, "look rows up by public id with get_visible(actor, ...)")


def no_signals(source: Source) -> Iterator[Finding]:
    """Who calls whom is written where it is called."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("django.dispatch", "django.db.models.signals", "django.core.signals")
        ):
            yield Finding(source.path, node.lineno, "no Django signals: call it, or register a callback")


def no_hidden_imports(source: Source) -> Iterator[Finding]:
    """Imports stand at the top, so that the floors can be checked and a cycle shows at once."""
    for outer in ast.walk(source.tree):
        if not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(outer):
            if isinstance(node, ast.ImportFrom | ast.Import):
                yield Finding(source.path, node.lineno, "no import inside a function")


RULES: tuple[Rule, ...] = (locks, clocks, faces_without_tables, walls, no_signals, no_hidden_imports)
