"""`python -m tools.lint`: every rule over every file; exit status 1 if one is broken."""

import sys

from tools.lint.rules import RULES
from tools.lint.source import sources


def main() -> int:
    findings = [finding for source in sources() for rule in RULES for finding in rule(source)]
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    if not findings:
        sys.stdout.write(f"Our own conventions: {len(RULES)} rules, nothing found.\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
