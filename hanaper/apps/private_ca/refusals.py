"""Refusals that several verbs share."""

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.errors import Refusal


def not_enabled(
    ca: PrivateCA, message: str, *, field: str | None = None, clause: str | None = None
) -> Refusal:
    """`message` says what only an enabled CA does. Of one whose term is over, `term_ended`."""
    startable = ca.state == PrivateCaState.NOT_ENABLED
    if not startable and ca.state != PrivateCaState.REFUNDED:
        return term_ended(field=field)
    step = "Enable it first." if startable else "Buy another one: this one was refunded."
    if startable and ca.request_out:
        step = "Bring the certificate that was signed elsewhere: `hanaper pca outside complete`, or its page."
    return Refusal(message, code="not_enabled", field=field, clause=clause, next_steps=[step])


def term_ended(*, field: str | None = None) -> Refusal:
    return Refusal(
        "The term of this private CA has ended.",
        code="term_ended",
        field=field,
        next_steps=["Buy another one."],
    )
