"""`make docs`: write the generated pages anew; with `--check`, exit status 1 if one is not as it would be."""

import sys

from tools.docs import cards, policies

PAGES = (policies, cards)


def main() -> int:
    if "--check" not in sys.argv[1:]:
        for one in PAGES:
            one.PAGE.write_text(one.page(), "utf-8")
        return 0
    stale = [
        one.PAGE.name for one in PAGES if not one.PAGE.is_file() or one.PAGE.read_text("utf-8") != one.page()
    ]
    for name in stale:
        sys.stderr.write(f"docs/{name} is out of date: run make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
