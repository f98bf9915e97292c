"""Confirmations of what cannot be undone: good for an hour, and for exactly what was told."""

from django.core import signing

from hanaper.core.errors import InvalidInput

TOKEN_SECONDS = 3600  # system time
_AGAIN = ["Read the warning again (prepare), then confirm it."]


def read_confirmation(token: str, salt: str) -> object:
    """What the token says. Refused: `confirmation_expired`, `confirmation_invalid`."""
    try:
        return signing.loads(token, salt=salt, max_age=TOKEN_SECONDS)
    except signing.SignatureExpired:
        code, message = "confirmation_expired", "The confirmation is older than an hour."
    except signing.BadSignature:
        code, message = "confirmation_invalid", "This is not a confirmation that was given out."
    raise InvalidInput(message, field="confirmation", code=code, next_steps=_AGAIN)


def refuse_changed(said: object, now: object) -> None:
    """Refused with `warning_changed` if the warning would read differently now."""
    if said != now:
        raise InvalidInput(
            "What this would do has changed since the warning was read.",
            field="confirmation",
            code="warning_changed",
            next_steps=_AGAIN,
        )
