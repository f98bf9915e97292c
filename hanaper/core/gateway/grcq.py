"""GRCQ, the gateway resource calculation quantity (SPEC section 6).

For each hour: one for every started 150 visits, plus one for every started 30 MB of outbound traffic;
nothing for an idle hour. MB is 1,000,000 bytes.
"""

VISITS = 150
BYTES = 30 * 1_000_000
# Of the quota used: somebody is told once at each, and the last one is the end of it.
LOW = (80, 95)


def grcq(visits: int, bytes_out: int) -> int:
    """What one hour of one instance costs."""
    return _started(visits, VISITS) + _started(bytes_out, BYTES)


def passed(used: int, included: int) -> int | None:
    """The highest of LOW and 100 (per cent) that `used` has reached; None below all of them."""
    reached = [level for level in (*LOW, 100) if used * 100 >= level * included]
    return reached[-1] if reached else None


def _started(amount: int, unit: int) -> int:
    return -(-amount // unit)
