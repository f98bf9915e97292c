"""What constraints have in common: tables, and the same by trying names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanaper.core.private_ca.alternative_names import AlternativeNames
from hanaper.core.private_ca.name_constraints import NameConstraints, Subtrees
from hanaper.core.private_ca.subtrees import contradictions, faults_below, left_of, why_never
from hanaper.core.private_ca.violations import violations


def above(
    kind: str, permitted: tuple[str, ...] = (), excluded: tuple[str, ...] = ()
) -> list[NameConstraints]:
    return [NameConstraints(Subtrees(**{kind: permitted}), Subtrees(**{kind: excluded}))]


@pytest.mark.parametrize(
    ("kind", "wanted", "permitted", "excluded", "left"),
    [
        ("dns", ("a.example",), (), (), ("a.example",)),
        ("dns", ("a.example",), ("example",), (), ("a.example",)),
        ("dns", ("example",), ("a.example", "b.example"), (), ("a.example", "b.example")),
        ("dns", ("example",), ("a.example",), ("a.example",), ()),
        ("dns", ("xa.example",), ("a.example",), (), ()),
        ("dns", ("a.example",), (), ("example",), ()),
        ("dns", ("example",), (), ("a.example",), ("example",)),
        ("ip", ("10.0.0.0/8",), ("10.1.0.0/16", "11.0.0.0/8"), (), ("10.1.0.0/16",)),
        ("ip", ("::/0",), ("10.0.0.0/8",), (), ()),
        ("email", ("a@corp.example",), ("corp.example",), (), ("a@corp.example",)),
        ("email", (".example",), ("corp.example",), (), ("corp.example",)),
        ("email", ("corp.example",), (".corp.example",), (), ()),
        ("uri", (".corp.example",), (".example",), (), (".corp.example",)),
    ],
)
def test_what_is_left(
    kind: str,
    wanted: tuple[str, ...],
    permitted: tuple[str, ...],
    excluded: tuple[str, ...],
    left: tuple[str, ...],
) -> None:
    limits = above(kind, permitted, excluded)
    assert left_of(kind, wanted, limits) == left
    assert (why_never(kind, wanted, limits) is None) is bool(left)


DOMAINS = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(".".join)
SIDE = st.lists(DOMAINS, max_size=2).map(tuple)


@given(st.lists(DOMAINS, min_size=1, max_size=2), SIDE, SIDE, DOMAINS)
def test_a_name_that_passes_lies_in_what_is_left(
    wanted: list[str], permitted: tuple[str, ...], excluded: tuple[str, ...], name: str
) -> None:
    limits = above("dns", permitted, excluded)
    own = NameConstraints(Subtrees(dns=tuple(wanted)))
    names = AlternativeNames(dns=(name,))
    if passes(names, own, limits[0]):
        assert passes(names, NameConstraints(Subtrees(dns=left_of("dns", wanted, limits))))
        assert why_never("dns", wanted, limits) is None


def test_a_mailbox_is_excluded_in_every_case() -> None:
    above = [NameConstraints(excluded=Subtrees(email=("admin@corp.test",)))]
    assert left_of("email", ("ADMIN@corp.test", "ada@corp.test"), above) == ("ada@corp.test",)


def test_each_kind_that_is_empty_is_told() -> None:
    own = NameConstraints(Subtrees(dns=("other.test", "a.example"), ip=("11.0.0.0/8",)))
    limits = [
        NameConstraints(Subtrees(dns=("example",), ip=("10.0.0.0/8",))),
        NameConstraints(Subtrees(dns=("b.example",))),
    ]
    assert [(fault.field, fault.message) for fault in faults_below(own, limits)] == [
        (
            "name_constraints.permitted.dns",
            "Outside of what may be certified here (b.example): other.test, a.example.",
        ),
        (
            "name_constraints.permitted.ip",
            "Outside of what may be certified here (10.0.0.0/8): 11.0.0.0/8.",
        ),
    ]
    assert not faults_below(own, limits[:1][:0])


def test_what_is_permitted_and_excluded_too() -> None:
    same = NameConstraints(
        Subtrees(dns=("a.corp.test", "corp.test"), ip=("10.0.0.0/8",), uri=("corp.test",)),
        Subtrees(dns=("corp.test",), ip=("10.1.0.0/16",), email=("corp.test",)),
    )
    (fault,) = contradictions(same)
    assert (fault.field, fault.code) == ("name_constraints.permitted.dns", "nothing_permitted")
    assert fault.message == (
        "This CA could certify nothing: all of a.corp.test, corp.test is excluded too (corp.test)."
    )


def passes(names: AlternativeNames, *chain: NameConstraints) -> bool:
    return not list(violations(names, None, chain, for_servers=False))
