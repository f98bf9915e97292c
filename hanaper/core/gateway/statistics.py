"""What an owner wants to know of their visitors, in little room however many there are.

How long answers took is a count for each of a few lengths of time; which paths were asked for, the most asked
of each hour. What is summed here loses nothing but paths that were hardly asked for.
"""

from collections.abc import Iterable, Mapping, Sequence

# Milliseconds: how many answers took at most so long; the last count is of those that took longer.
LENGTHS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)
MOST_PATHS = 50  # of one instance in one hour
LONGEST_PATH = 200
MOST_CODES = 40

# A path, without what follows a question mark, to its requests and bytes.
Paths = Mapping[str, tuple[int, int]]


def length_of(milliseconds: int) -> int:
    """The place in LENGTHS, and one beyond for what took longer."""
    for place, most in enumerate(LENGTHS):
        if milliseconds <= most:
            return place
    return len(LENGTHS)


def add_lengths(known: Sequence[int], more: Sequence[int]) -> list[int]:
    """Place by place; either may be empty."""
    if not known or not more:
        return list(known or more)
    return [one + other for one, other in zip(known, more, strict=True)]


def quantile(lengths: Sequence[int], share: float) -> int | None:
    """Milliseconds within which `share` of all were answered: the bound of the length it falls into, so at
    most so long; the last bound for what took longer than all. None without any."""
    wanted = share * sum(lengths)
    passed = 0
    for place, count in enumerate(lengths):
        passed += count
        if count and passed >= wanted:
            return LENGTHS[min(place, len(LENGTHS) - 1)]
    return None


def add_paths(known: Paths, more: Paths, most: int = MOST_PATHS) -> dict[str, tuple[int, int]]:
    """The sums, and of them the `most` asked for. A count is exact for a path that never fell out, and else
    too low."""
    sums = {path: (one[0], one[1]) for path, one in known.items()}
    for path, (requests, size) in more.items():
        before = sums.get(path, (0, 0))
        sums[path] = before[0] + requests, before[1] + size
    return dict(sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))[:most])


def add_counts(known: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: known.get(name, 0) + more.get(name, 0) for name in (*known, *(more.keys() - known.keys()))}


def add_codes(known: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Status codes; an origin that makes up many of them gets no more room than MOST_CODES."""
    room = MOST_CODES - len(known)
    taken = [code for code in sorted(more) if code not in known][: max(room, 0)]
    return add_counts(known, {code: count for code, count in more.items() if code in known or code in taken})


def path_of(address: str) -> str:
    """What is before the question mark, and not too long."""
    return address.partition("?")[0][:LONGEST_PATH]


def total(lengths: Iterable[Sequence[int]]) -> list[int]:
    found: list[int] = []
    for one in lengths:
        found = add_lengths(found, one)
    return found
