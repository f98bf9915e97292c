"""Names of CAs as they are searched for."""

import pytest

from hanaper.core.private_ca.ca_names import endings_of_name, is_found


@pytest.mark.parametrize(
    ("name", "endings"),
    [
        ("Issuing CA 2", ["issuing ca 2", "ca 2", "2"]),
        ("  Corp-Wide   (EU) ", ["corp-wide (eu)", "wide (eu)", "eu)"]),
        ("Bücher", ["bücher"]),
        ("", []),
    ],
)
def test_from_each_word_on(name: str, endings: list[str]) -> None:
    assert endings_of_name(name) == endings
    assert all(is_found(name, one.upper()) for one in endings)
    assert not is_found(name, "x")


def test_what_is_kept_fits() -> None:
    assert all(len(one) <= 80 for one in endings_of_name("İ" * 80))
