"""Refund policies as data: what may be refunded, each rule with the clause it comes from (D9, D17).

A policy is a TOML file named by the date from which it may hold. Reading one is strict: an unknown key, a
missing rule or a clause that SPEC.md does not have is an error. What no policy may change (money only,
never twice: R3, R4, R6, D11) has to be in it, and is enforced in code.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanaper.core.calendar import Counting, ReviewTime

# D17: the document itself.
DEFAULT_POLICY = "2024-10-25"
LAST_CLAUSE = {"R": 18, "D": 18}


class BadPolicy(ValueError):
    """A policy file does not say what a policy must say."""


class Use(StrEnum):
    """What an order is for a refund, by what was done with what it bought."""

    UNUSED = "unused"
    CERTIFICATES = "certificates"
    PRIVATE_CA = "private_ca"
    GATEWAY = "gateway"
    OTHER_SERVICE = "other_service"


class Opens(StrEnum):
    """The event at which a window opens (D3)."""

    PAID = "paid"
    PLACED = "placed"


class Inside(StrEnum):
    """What must happen inside a window (D2)."""

    REQUEST = "request"
    RESET = "reset"


class Consumed(StrEnum):
    """What happens to a gateway of which some quota was consumed."""

    REFUSED = "refused"
    PARTIAL = "partial"


class Bar(StrEnum):
    """What refuses a refund whatever is done first."""

    UNPAID = "unpaid"
    NOTHING_TO_RETURN = "nothing_to_return"
    REFUNDED = "refunded"
    USED_SERVICE = "used_service"
    COMBINED = "combined"
    EXPIRED = "expired"
    EARLY_RENEWAL = "early_renewal"
    CONSUMED = "consumed"
    UNDER_WAY = "under_way"


# R3, R6, D11: no policy may leave these out.
ALWAYS_REFUSED = frozenset({Bar.UNPAID, Bar.NOTHING_TO_RETURN, Bar.REFUNDED, Bar.UNDER_WAY})


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence of the policy and the clause of SPEC.md it comes from."""

    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class UseRule:
    """`clause` grants a refund, `late` is cited once the window has passed."""

    clause: str
    late: str
    opens: Opens
    inside: Inside
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules. Mappings are never changed after reading."""

    name: str
    title: str
    source: str
    window: Rule
    window_days: int
    counting: Counting
    promotion: Rule
    review: Rule
    review_time: ReviewTime
    uses: Mapping[Use, UseRule]
    several_years: Rule
    gateway_quota: Rule
    consumed: Consumed
    refused: Mapping[Bar, Rule]
    senses: Mapping[str, str]


class _Table:
    """A TOML table of which every key must be asked for exactly once."""

    def __init__(self, path: str, values: object) -> None:
        if not isinstance(values, dict):
            raise BadPolicy(f"{path}: must be a table")
        self._path = path
        self._values = dict(values)

    def take[Value](self, key: str, kind: type[Value]) -> Value:
        if key not in self._values:
            raise BadPolicy(f"{self._path}.{key}: is missing")
        value = self._values.pop(key)
        if type(value) is not kind or value == "":
            raise BadPolicy(f"{self._path}.{key}: must be a {kind.__name__}, and not empty")
        return value

    def take_one_of[Choice: StrEnum](self, key: str, choices: type[Choice]) -> Choice:
        try:
            return choices(self.take(key, str))
        except ValueError as error:
            raise BadPolicy(f"{self._path}.{key}: must be one of {', '.join(choices)}") from error

    def take_number(self, key: str) -> int:
        number = self.take(key, int)
        if not 0 <= number <= 1000:
            raise BadPolicy(f"{self._path}.{key}: must be between 0 and 1000")
        return number

    def take_clause(self, key: str = "clause") -> str:
        clause = self.take(key, str)
        letter, number = clause[0], clause[1:]
        if not (number.isdecimal() and number.isascii() and 1 <= int(number) <= LAST_CLAUSE.get(letter, 0)):
            raise BadPolicy(f"{self._path}.{key}: {clause} is not a clause of SPEC.md")
        return clause

    def take_table(self, key: str, default: object = None) -> "_Table":
        return _Table(f"{self._path}.{key}", self._values.pop(key, default))

    def take_rule(self, key: str) -> Rule:
        table = self.take_table(key)
        rule = Rule(table.take_clause(), table.take("text", str))
        table.close()
        return rule

    def names(self) -> list[str]:
        return list(self._values)

    def close(self) -> None:
        if self._values:
            raise BadPolicy(f"{self._path}: does not know {', '.join(self._values)}")


def read_policy(document: Mapping[str, object], path: str = "policy") -> Policy:
    """The policy written in a parsed TOML document, or BadPolicy saying what is wrong with it."""
    root = _Table(path, document)
    window = root.take_table("window")
    review = root.take_table("review")
    quota = root.take_table("gateway_quota")
    uses = root.take_table("uses")
    refused = root.take_table("refused")
    senses = root.take_table("senses", {})
    policy = Policy(
        name=root.take("name", str),
        title=root.take("title", str),
        source=root.take("source", str),
        window=Rule(window.take_clause(), window.take("text", str)),
        window_days=window.take_number("days"),
        counting=window.take_one_of("counting", Counting),
        promotion=root.take_rule("promotion"),
        review=Rule(review.take_clause(), review.take("text", str)),
        review_time=ReviewTime(
            review.take_number("working_days"), review.take_number("publicly_trusted_hours")
        ),
        uses={use: _read_use(uses.take_table(use)) for use in Use},
        several_years=root.take_rule("several_years"),
        gateway_quota=Rule(quota.take_clause(), quota.take("text", str)),
        consumed=quota.take_one_of("consumed", Consumed),
        refused={bar: refused.take_rule(bar) for bar in Bar if bar in refused.names()},
        senses={name: senses.take(name, str) for name in senses.names()},
    )
    for table in (root, window, review, quota, uses, refused, senses):
        table.close()
    _check(policy, path)
    return policy


def _read_use(table: _Table) -> UseRule:
    rule = UseRule(
        clause=table.take_clause(),
        late=table.take_clause("late"),
        opens=table.take_one_of("opens", Opens),
        inside=table.take_one_of("inside", Inside),
        text=table.take("text", str),
    )
    table.close()
    return rule


def _check(policy: Policy, path: str) -> None:
    left_out = sorted(ALWAYS_REFUSED - policy.refused.keys())
    if left_out:
        raise BadPolicy(f"{path}.refused: no policy may leave out {', '.join(left_out)}")
    if (policy.consumed is Consumed.REFUSED) != (Bar.CONSUMED in policy.refused):
        raise BadPolicy(f'{path}.refused.consumed: belongs to gateway_quota.consumed = "refused"')
    for use, rule in policy.uses.items():
        if rule.inside is Inside.RESET and use not in (Use.PRIVATE_CA, Use.GATEWAY):
            raise BadPolicy(f"{path}.uses.{use}.inside: only a private CA or a gateway can be reset")


def parse_policy(text: str, path: str = "policy") -> Policy:
    """The policy written in a TOML document, or BadPolicy saying what is wrong with it and where."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"{path}: is not TOML: {error}") from error
    except RecursionError:
        raise BadPolicy(f"{path}: is nested too deeply") from None
    return read_policy(document, path)


def load_policies(folder: Path) -> dict[str, Policy]:
    """Every policy in a folder of TOML files, by name, the oldest first."""
    policies = {}
    for file in sorted(folder.glob("*.toml")):
        policy = parse_policy(file.read_text("utf-8"), file.name)
        if policy.name != file.stem:
            raise BadPolicy(f"{file.name}: the file is named differently from the policy {policy.name}")
        policies[policy.name] = policy
    return policies


FOLDER = Path(__file__).parent / "policies"
# Read once, at import: the policies that come with the program.
SHIPPED_POLICIES: Mapping[str, Policy] = load_policies(FOLDER)


def shipped_text(name: str) -> str:
    """The file of a shipped policy, as it is written."""
    return (FOLDER / f"{SHIPPED_POLICIES[name].name}.toml").read_text("utf-8")
