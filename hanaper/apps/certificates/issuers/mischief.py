"""Faults that a sandbox's built-in issuer commits when asked to, by the first label of a name.

`issuer-late.example.test` is issued late, and so on: anybody can try what a real issuer does on a bad day.
"""

from collections.abc import Iterable
from enum import StrEnum

from django.conf import settings


class Mischief(StrEnum):
    TIMEOUT_BEFORE = "issuer-timeout-before"  # the first submit is lost
    TIMEOUT_AFTER = "issuer-timeout-after"  # the first submit is done, its answer lost
    LATE = "issuer-late"  # pending for some seconds
    REFUSE = "issuer-refuse"  # refused for good
    REVOKE_TIMEOUT = "issuer-revoke-timeout"  # the first revocation is done, its answer lost


def mischief_in(names: Iterable[str]) -> Mischief | None:
    """What the names ask for; nothing outside a sandbox."""
    if not settings.SANDBOX:
        return None
    asked = {label for name in names for label in name.removeprefix("*.").split(".")[:1]}
    return next((one for one in Mischief if one.value in asked), None)
