"""The one error for facts that make no sense (section 7 of SPEC.md)."""

from hanaper.core.errors import InvalidInput


class SenselessFacts(InvalidInput):
    """These facts cannot be true, or are not facts at all; `field` is the dotted path of the culprit.

    Nothing else is ever raised for what somebody wrote into the facts or the moment of a decision.
    """

    default_code = "senseless_facts"

    # Always given, unlike an ordinary refusal's.
    field: str

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"
