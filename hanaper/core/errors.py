"""One family of errors. Each says what was wrong, which field, which clause, and what to do next.

A face renders them once: REST as a JSON problem, the command line as a line on standard error.
A refusal changes nothing: whatever raises one has written nothing, or rolls back what it wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of the input; `field` is a dotted path such as `domains.0`."""

    field: str
    message: str
    code: str = "invalid"


class Refusal(Exception):
    """What was asked for is understood and refused; nothing was changed.

    `code` is stable and meant for programs, `message` is for people, `clause` is a clause of SPEC.md
    (such as `R10`), `next_steps` say what to do instead, in order.
    """

    status = 409
    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        clause: str | None = None,
        field: str | None = None,
        next_steps: Sequence[str] = (),
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.clause = clause
        self.field = field
        self.next_steps = tuple(next_steps)
        self.details = dict(details or {})


class InvalidInput(Refusal):
    """The input makes no sense; `faults` lists everything that is wrong with it at once."""

    status = 422
    default_code = "invalid_input"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        clause: str | None = None,
        field: str | None = None,
        next_steps: Sequence[str] = (),
        details: Mapping[str, object] | None = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        super().__init__(
            message, code=code, clause=clause, field=field, next_steps=next_steps, details=details
        )
        if not faults and field is not None:
            faults = (Fault(field, message, self.code),)
        self.faults = tuple(faults)
        if self.field is None and self.faults:
            self.field = self.faults[0].field


class NotFound(Refusal):
    """There is no such thing, or it is another account's: the two must look the same."""

    status = 404
    default_code = "not_found"


class Gone(Refusal):
    """There was such a thing, and whoever asks knew it; there is none any more."""

    status = 410
    default_code = "gone"


class Unauthenticated(Refusal):
    """Nobody we know: no credentials, or wrong, revoked or expired ones."""

    status = 401
    default_code = "unauthenticated"


class Forbidden(Refusal):
    """Known, but the role is too small for this."""

    status = 403
    default_code = "forbidden"


class RateLimited(Refusal):
    """Too many requests; `details["retry_after"]` is the number of seconds to wait."""

    status = 429
    default_code = "rate_limited"
