"""Public ids: prefixed and unguessable, such as `ord_7m3k9...`. Primary keys never leave the service."""

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models

# Crockford's base 32 in lower case: no i, l, o, u, so that an id survives being read aloud.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 24  # 120 bits


def new_public_id(prefix: str) -> str:
    """A fresh id such as `ord_` and 24 characters from the CSPRNG."""
    # There are 32 characters: five bits of an octet choose one, each as likely as any other.
    return prefix + "_" + "".join(ALPHABET[octet & 31] for octet in secrets.token_bytes(LENGTH))


if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class PublicIdField(CharField):
    """The public id of a row: set once by default, unique, never edited."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        options.setdefault("max_length", 40)
        options["unique"] = True
        options["editable"] = False
        options["default"] = partial(new_public_id, prefix)
        super().__init__(**options)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, arguments, options = super().deconstruct()
        for given in ("unique", "editable", "default"):
            options.pop(given, None)
        return name, path, arguments, {**options, "prefix": self.prefix}
