"""The states of ACME's objects, and which follow on which (RFC 8555 7.1.6): one table."""

from collections.abc import Mapping
from enum import StrEnum


class AccountState(StrEnum):
    VALID = "valid"  # the client acts
    DEACTIVATED = "deactivated"  # by the client, for good
    REVOKED = "revoked"  # by the owner of the private CA, for good


class AcmeOrderState(StrEnum):
    PENDING = "pending"  # the client proves control
    READY = "ready"  # the client sends a CSR
    PROCESSING = "processing"  # we issue
    VALID = "valid"  # the certificate is there
    INVALID = "invalid"  # failed, or too late


class AuthorizationState(StrEnum):
    PENDING = "pending"  # the client chooses a challenge
    VALID = "valid"
    INVALID = "invalid"  # a challenge failed, or too late
    DEACTIVATED = "deactivated"  # by the client
    EXPIRED = "expired"
    REVOKED = "revoked"  # by us


class ChallengeState(StrEnum):
    PENDING = "pending"  # the client prepares, then says so
    PROCESSING = "processing"  # we look
    VALID = "valid"
    INVALID = "invalid"


State = AccountState | AcmeOrderState | AuthorizationState | ChallengeState

MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    AccountState: {
        AccountState.VALID: frozenset({AccountState.DEACTIVATED, AccountState.REVOKED}),
    },
    AcmeOrderState: {
        AcmeOrderState.PENDING: frozenset({AcmeOrderState.READY, AcmeOrderState.INVALID}),
        AcmeOrderState.READY: frozenset({AcmeOrderState.PROCESSING, AcmeOrderState.INVALID}),
        AcmeOrderState.PROCESSING: frozenset({AcmeOrderState.VALID, AcmeOrderState.INVALID}),
    },
    AuthorizationState: {
        AuthorizationState.PENDING: frozenset(
            {AuthorizationState.VALID, AuthorizationState.INVALID, AuthorizationState.DEACTIVATED}
        ),
        AuthorizationState.VALID: frozenset(
            {AuthorizationState.EXPIRED, AuthorizationState.DEACTIVATED, AuthorizationState.REVOKED}
        ),
    },
    ChallengeState: {
        ChallengeState.PENDING: frozenset({ChallengeState.PROCESSING, ChallengeState.INVALID}),
        ChallengeState.PROCESSING: frozenset({ChallengeState.VALID, ChallengeState.INVALID}),
    },
}


def before(state: State) -> list[str]:
    """The states from which a thing may come to `state`: what a conditional update asks for."""
    return [str(one) for one, after in MOVES[type(state)].items() if state in after]
