"""Write docs/policies.md from the policy files; with --check, only say whether it is true.

python tools/docs/policies.py [--check]
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from hanaper.core.refund import DEFAULT_POLICY, SHIPPED_POLICIES, Policy  # noqa: E402
from hanaper.core.refund.policy_words import policy_rules  # noqa: E402

PAGE = ROOT / "docs" / "policies.md"

HEAD = f"""\
<!-- Written by tools/docs/policies.py from hanaper/core/refund/policies/*.toml: change those. -->

# Refund policies

A policy says what may be refunded, until when and after what. An order keeps the policy that was in
force when it was placed, and for a promotion the terms it had then. `{DEFAULT_POLICY}` is the default;
another one holds only from when an operator publishes it, for orders placed after. `R` and `D` numbers
are the clauses that a decision cites. On the command line: `hanaper policy list`, `hanaper policy show
NAME`, `hanaper policy decide --at TIME FILE` and `hanaper policy explain --at TIME FILE`.
"""


def section(policy: Policy) -> str:
    default = " (the default)" if policy.name == DEFAULT_POLICY else ""
    lines = [
        f"## `{policy.name}`{default}",
        "",
        f"{policy.title}. Source: {policy.source}.",
        "",
        f"The window has {policy.window_days} days, counted as {policy.counting.replace('_', ' ')}.",
        "",
        "| clause | rule |",
        "|---|---|",
    ]
    lines += [f"| {clause} | {text} |" for clause, text in policy_rules(policy)]
    if policy.senses:
        lines += ["", "When other services count as unused:", "", "| service | unused means |", "|---|---|"]
        lines += [f"| {service} | {sense} |" for service, sense in policy.senses.items()]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole of docs/policies.md."""
    return "\n".join([HEAD, *(section(policy) for policy in SHIPPED_POLICIES.values())])


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="fail if the page is not what it would be")
    if not arguments.parse_args().check:
        PAGE.write_text(page(), "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == page():
        return 0
    print("docs/policies.md is out of date: run python tools/docs/policies.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
