"""The table of moves against the document (SPEC.md section 4), row by row, and everything it leaves out."""

import pytest

from hanaper.core.certificate.states import (
    MOVES,
    Action,
    CertificateState,
    Party,
    actions_in,
    move,
)
from hanaper.core.errors import Refusal

S, A, P = CertificateState, Action, Party

DOCUMENT = [
    (S.PENDING_APPLICATION, A.APPLY, S.VALIDATING_APPLICATION),
    (S.PENDING_APPLICATION, A.CANCEL_APPLY, S.REMOVED),
    (S.VALIDATING_APPLICATION, A.ISSUE, S.ISSUED),
    (S.VALIDATING_APPLICATION, A.FAIL, S.VALIDATION_FAILED),
    (S.VALIDATING_APPLICATION, A.WITHDRAW, S.PENDING_APPLICATION),
    (S.VALIDATION_FAILED, A.MODIFY, S.VALIDATION_FAILED),
    (S.VALIDATION_FAILED, A.SUBMIT, S.VALIDATING_APPLICATION),
    (S.ISSUED, A.REVOKE, S.VALIDATING_REVOCATION),
    (S.ISSUED, A.RENEW, S.ISSUED),
    (S.ISSUED, A.REVOKE_FOR_CAUSE, S.REVOKED),
    (S.ISSUED, A.EXPIRE, S.EXPIRED),
    (S.VALIDATING_REVOCATION, A.APPROVE_REVOCATION, S.REVOKED),
    (S.VALIDATING_REVOCATION, A.REFUSE_REVOCATION, S.ISSUED),
    (S.VALIDATING_REVOCATION, A.EXPIRE, S.EXPIRED),
    (S.NOT_ACTIVATED, A.CANCEL, S.REMOVED),
    (S.NOT_ACTIVATED, A.ACTIVATE, S.VALIDATING_APPLICATION),
    (S.EXPIRED, A.RENEW, S.EXPIRED),
]
BEYOND_THE_TABLE = [
    (S.PENDING_APPLICATION, A.COMBINE, S.REMOVED),
    (S.VALIDATION_FAILED, A.DELETE_REQUEST, S.REMOVED),
    (S.VALIDATING_REVOCATION, A.REVOKE_FOR_CAUSE, S.REVOKED),
    (S.NOT_ACTIVATED, A.LEAVE_WITH_FIRST, S.REMOVED),
]
LEGAL = {(state, action): to for state, action, to in DOCUMENT + BEYOND_THE_TABLE}


@pytest.mark.parametrize(("state", "action", "to"), DOCUMENT + BEYOND_THE_TABLE)
def test_legal_move(state, action, to):
    found = move(state, action)
    assert (found.origin, found.action, found.to) == (state, action, to)
    assert found.by
    assert found.clause


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("action", A)
def test_everything_else_is_refused_and_says_what_is_possible(state, action):
    if (state, action) in LEGAL:
        return
    with pytest.raises(Refusal) as caught:
        move(state, action)
    refusal = caught.value
    assert refusal.code == "not_in_this_state"
    assert refusal.status == 409
    assert state.label in refusal.message
    assert refusal.details["state"] == state
    assert refusal.details["possible"] == [each.value for each in actions_in(state)]
    assert list(refusal.next_steps) == [each.label for each in actions_in(state, P.CUSTOMER)]


def test_table_has_no_row_twice():
    assert len({(row.origin, row.action) for row in MOVES}) == len(MOVES) == len(LEGAL)


def test_every_state_has_the_documents_words():
    assert [state.label for state in S] == [
        "Pending Application",
        "Validating Application",
        "Validation Failed",
        "Issued",
        "Validating Revocation",
        "Revoked",
        "Expired",
        "Not Activated",
        "Removed",
    ]


def test_who_acts_next_can_act():
    for state in S:
        if state.acts_next is not None:
            assert actions_in(state, state.acts_next), state
        else:
            assert set(actions_in(state)) <= {A.RENEW}


def test_irreversible_is_what_the_document_warns_of():
    customers = {row.action for row in MOVES if row.irreversible and P.CUSTOMER in row.by}
    assert customers == {A.REVOKE, A.CANCEL, A.COMBINE}


def test_the_ways_to_a_refund_are_walkable():
    ways = [
        (S.PENDING_APPLICATION, [A.CANCEL_APPLY], S.REMOVED),
        (S.VALIDATING_APPLICATION, [A.WITHDRAW, A.CANCEL_APPLY], S.REMOVED),
        (S.VALIDATION_FAILED, [A.MODIFY, A.SUBMIT, A.WITHDRAW, A.CANCEL_APPLY], S.REMOVED),
        (S.ISSUED, [A.REVOKE, A.APPROVE_REVOCATION], S.REVOKED),
        (S.NOT_ACTIVATED, [A.CANCEL], S.REMOVED),
    ]
    for state, actions, end in ways:
        for action in actions:
            state = move(state, action).to
        assert state is end


def test_nothing_leaves_the_end():
    assert actions_in(S.REMOVED) == ()
    assert not S.REMOVED.on_the_list
    assert actions_in(S.REVOKED) == ()
    assert [state for state in S if state.in_force] == [S.ISSUED, S.VALIDATING_REVOCATION]


def test_captions_are_the_consoles():
    assert A.CANCEL_APPLY.label == "Cancel Apply"
    assert A.REVOKE.label == "Revoke"
