"""One table of moves: ends are ends, and what RFC 8555 7.1.6 draws is what there is."""

import pytest

from hanaper.core.acme.states import (
    MOVES,
    AccountState,
    AcmeOrderState,
    AuthorizationState,
    ChallengeState,
    before,
)

# From the figures of RFC 8555 7.1.6; `pending` orders and challenges may also fail by time.
DRAWN = {
    AccountState: {"valid": {"deactivated", "revoked"}},
    AcmeOrderState: {
        "pending": {"ready", "invalid"},
        "ready": {"processing", "invalid"},
        "processing": {"valid", "invalid"},
    },
    AuthorizationState: {
        "pending": {"valid", "invalid", "deactivated"},
        "valid": {"expired", "deactivated", "revoked"},
    },
    ChallengeState: {"pending": {"processing", "invalid"}, "processing": {"valid", "invalid"}},
}


@pytest.mark.parametrize("thing", DRAWN, ids=lambda thing: thing.__name__)
def test_the_moves_are_those_of_the_figures(thing):
    found = {str(state): {str(one) for one in after} for state, after in MOVES[thing].items()}
    assert found == DRAWN[thing]


@pytest.mark.parametrize("thing", DRAWN, ids=lambda thing: thing.__name__)
def test_before_asks_the_same_table(thing):
    for state in thing:
        assert set(before(state)) == {one for one, after in DRAWN[thing].items() if state in after}
