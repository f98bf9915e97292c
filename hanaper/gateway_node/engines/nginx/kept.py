"""What nginx keeps of one address: found by the key that stands in each file of its cache.

A file is named after its key, but an answer that varies by headers has a file for each variant, under names
that only nginx can make; all of them say the same key. nginx takes a file that is gone for one it never had.
"""

from pathlib import Path

KEY = b"\nKEY: "
HEAD = 16_384  # the key stands near the beginning


def forget(cache: Path, site: str, address: str) -> int:
    """How many files went. `address`: path and query, as visitors ask for them."""
    end = address.encode()
    begin = site.encode() + b" "
    found = 0
    for path in cache.glob("*/*/*"):
        try:
            with path.open("rb") as file:
                key = file.read(HEAD).partition(KEY)[2].partition(b"\n")[0]
            # site, epoch, scheme, host, address: passing.conf
            if key.startswith(begin) and key.split(b" ", 4)[-1] == end:
                path.unlink()
                found += 1
        except FileNotFoundError:
            continue  # nginx was quicker
    return found
