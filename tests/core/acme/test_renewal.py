"""Certificate identifiers and windows (RFC 9773)."""

from datetime import UTC, datetime, timedelta

import pytest

from hanaper.core.acme import renewal
from hanaper.core.acme.problems import AcmeProblem

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
# The example of RFC 9773 4.1.
EXAMPLE = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"


def test_the_example_of_the_rfc_is_read():
    issuer, serial = renewal.read_certificate_id(EXAMPLE)
    assert issuer.hex() == "69885b6b87464041e1b37b847ba0ae2cde01c8d4"
    assert serial == 0x87654321


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "aYhba4dGQEHhs3uEe6CuLN4ByNQ", EXAMPLE + "=", EXAMPLE + ".x",
                                  "aYhba4dGQEHhs3uEe6CuLN4ByNQ.h2VDIQ", "a" * 300 + "." + "a"])  # fmt: skip
def test_anything_else_is_not(text):
    with pytest.raises(AcmeProblem):
        renewal.read_certificate_id(text)


@pytest.mark.parametrize("days", [1, 7, 90, 397])
def test_the_window_lies_around_two_thirds_of_a_life(days):
    end = BEGIN + timedelta(days=days)
    found = renewal.window(BEGIN, end)
    assert BEGIN < found.start < found.end < end
    assert found.start <= BEGIN + timedelta(days=days) * 2 / 3 <= found.end
    assert timedelta(days=days) / 25 < found.end - found.start < timedelta(days=days) / 23


def test_now_is_a_window_that_is_over():
    found = renewal.now(BEGIN)
    assert found.start < found.end < BEGIN
