"""What an external key can be narrowed to: never something that nobody could order."""

from typing import Any

import pytest

from hanaper.core.private_ca.name_constraints import NameConstraints, Subtrees
from hanaper.core.private_ca.orderable import key_faults, orderable
from hanaper.core.private_ca.templates import BUILT_IN, Template

LIMITS = [
    NameConstraints(Subtrees(dns=("example",), ip=("10.0.0.0/8",)), Subtrees(dns=("secret.example",))),
    NameConstraints(Subtrees(dns=("corp.example", "secret.example"))),
]


def custom(**rules: Any) -> Template:
    return Template.model_validate({"title": "t", "uses": ["serverAuth"], **rules})


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (BUILT_IN["server"], True), (BUILT_IN["client"], True), (BUILT_IN["device"], True),
        (BUILT_IN["email"], False), (BUILT_IN["code-signing"], False), (custom(ip={"allowed": True}), True),
        (custom(dns={"allowed": True}, uri={"allowed": True, "required": True}), False),
    ],
)  # fmt: skip
def test_by_which_templates_something_can_be_ordered(template: Template, expected: bool) -> None:
    assert orderable(template) is expected
    assert [fault.field for fault in key_faults([], [], template, [])] == ([] if expected else ["template"])


@pytest.mark.parametrize(
    ("domains", "networks", "rules", "faults"),
    [
        (["corp.example", "a.corp.example", "example"], ["10.9.0.0/16"], None, {}),
        (["corp.example", "other.test"], [], None, {
            "domains.1": "Outside of what may be certified here (example): other.test."}),
        (["b.example"], [], None, {
            "domains.0": "Outside of what may be certified here (corp.example, secret.example): b.example."}),
        (["secret.example"], [], None, {
            "domains.0": "Within what may not be certified here: secret.example. Name something else."}),
        ([], ["11.0.0.0/8", "10.0.0.0/9"], None, {
            "networks.0": "Outside of what may be certified here (10.0.0.0/8): 11.0.0.0/8."}),
        (["corp.example"], ["10.0.0.0/8"], {"dns": {"allowed": True, "domains": ["a.corp.example", "x.test"]}}, {
            "networks.0": "The template takes no names of this kind: leave them out, or choose another template."}),
        (["corp.example"], [], {"dns": {"allowed": True, "domains": ["x.test"]}}, {
            "domains.0": "corp.example is outside of what the template takes: x.test."}),
    ],
)  # fmt: skip
def test_names_that_nobody_could_order(
    domains: list[str], networks: list[str], rules: dict[str, Any] | None, faults: dict[str, str]
) -> None:
    found = key_faults(domains, networks, custom(**rules) if rules else None, LIMITS)
    assert {fault.field: fault.message for fault in found} == faults
