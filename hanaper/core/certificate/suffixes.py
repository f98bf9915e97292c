"""Where registries end and owners begin: public suffixes, reserved names and reverse zones.

The public suffix list ships with the library publicsuffixlist (no network); only its ICANN section
counts, as Baseline Requirements 3.2.2.6 has it, since a private suffix has an owner who may apply.
"""

from functools import cache

from publicsuffixlist import PublicSuffixList

# Special-use names that no public CA can vouch for: RFC 6761 (test, example, invalid, localhost),
# RFC 6762 (local), RFC 7686 (onion), RFC 8375 (home.arpa), RFC 9476 (alt), ICANN 2024 (internal).
# example.com and its sisters are ordinary registered names (RFC 6761 6.5: not to be special-cased).
RESERVED = frozenset(
    {"test", "example", "invalid", "localhost", "local", "onion", "alt", "internal", "home.arpa"}
)

# Address zones of RFC 1035 3.5 and RFC 3596 2.5.
REVERSE_ZONES = ("in-addr.arpa", "ip6.arpa")


@cache
def _icann_list() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True, accept_unknown=False)


def _is_at_or_below(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def is_reverse_zone(name: str) -> bool:
    """Whether `name` (lower-case A-labels) maps addresses back to names."""
    return any(_is_at_or_below(name, zone) for zone in REVERSE_ZONES)


def is_reserved(name: str) -> bool:
    """Whether `name` is set aside: special use, or one label, which is internal by nature."""
    if "." not in name and public_suffix(name) is None:
        return True
    return any(_is_at_or_below(name, zone) for zone in RESERVED)


def public_suffix(name: str, *, reserved: bool = False) -> str | None:
    """The public suffix of `name` (lower-case A-labels), None if its top-level domain is unknown.

    With `reserved` a special-use top-level domain counts as a suffix, as if it were a registry.
    """
    found: str | None = _icann_list().publicsuffix(name)
    if found is None and reserved:
        return next((zone for zone in RESERVED if _is_at_or_below(name, zone)), None)
    return found
