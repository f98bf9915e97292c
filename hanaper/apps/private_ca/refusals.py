"""Refusals that several verbs share."""

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.errors import Refusal


def not_enabled(
    ca: PrivateCA, message: str, *, field: str | None = None, clause: str | None = None
) -> Refusal:
    """`message` says what only an enabled CA does."""
    startable = ca.state == PrivateCaState.NOT_ENABLED
    step = "Enable it first." if startable else "Buy another one: the term of this one has ended."
    if startable and ca.request_out:
        step = "Bring the certificate that was signed elsewhere: `hanaper pca outside complete`, or its page."
    if ca.state == PrivateCaState.REFUNDED:
        step = "Buy another one: this one was refunded."
    return Refusal(message, code="not_enabled", field=field, clause=clause, next_steps=[step])
