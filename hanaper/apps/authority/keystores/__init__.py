"""The contract of a keystore: it signs, and never lets a key out. `wiring.py` registers the stores."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm

DATABASE, PKCS11 = "database", "pkcs11"


class Keystore(Protocol):
    """`sign` takes the exact bytes to be signed and the value of a `SignatureAlgorithm`.

    `KeystoreUnavailable`: the store does not answer now, and the same may work later.
    """

    def makes(self, algorithm: KeyAlgorithm) -> bool:
        """Whether keys of this kind can be made here, as far as can be told without trying."""
        ...

    def generate(self, algorithm: KeyAlgorithm) -> str:
        """A new key; its id, which stays as long as the key. Refused: `algorithm_not_in_keystore`."""
        ...

    def public_key(self, key_id: str) -> bytes:
        """DER SubjectPublicKeyInfo."""
        ...

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes: ...

    def destroy(self, key_id: str) -> None:
        """Forget the key for good; nothing can be signed with it again."""
        ...

    def holds(self, key_id: str) -> bool:
        """Whether the key is there and can be used, by looking, not by signing."""
        ...

    def probe(self) -> None:
        """KeystoreUnavailable unless it answers now."""
        ...

    def made_before(self, moment: datetime) -> QuerySet[Any]:
        """Its keys that were made before `moment` (system time), as rows with a `public_id`."""
        ...


class KeystoreUnavailable(Refusal):
    """The store of the key does not answer: nothing was signed or made."""

    default_code = "keystore_unavailable"


_keystores: dict[str, Keystore] = {}


def register(name: str, keystore: Keystore) -> None:
    """Called by `wiring.py`, once a store."""
    _keystores[name] = keystore


def keystore(name: str) -> Keystore:
    """The store of this name; KeystoreUnavailable where it is set up no more."""
    if name not in _keystores:
        raise KeystoreUnavailable(
            f"This installation has no keystore {name!r}.",
            next_steps=["Set HANAPER_PKCS11_MODULE and what belongs to it, as they were."],
        )
    return _keystores[name]


def every_keystore() -> Iterator[tuple[str, Keystore]]:
    yield from _keystores.items()


def stores_apart() -> Iterator[tuple[str, Keystore]]:
    """Those that may be away while the database is there."""
    return ((name, store) for name, store in every_keystore() if name != DATABASE)


def refuse_unmade(name: str, algorithm: KeyAlgorithm) -> None:
    """Refused (`algorithm_not_in_keystore`) if the store makes no such keys."""
    store = keystore(name)
    if not store.makes(algorithm):
        raise not_made(name, [one for one in KeyAlgorithm if store.makes(one)], algorithm)


def not_made(name: str, made: list[KeyAlgorithm], algorithm: KeyAlgorithm) -> InvalidInput:
    return InvalidInput(
        f"The keystore {name} makes no keys of the kind {algorithm}.",
        code="algorithm_not_in_keystore",
        field="algorithm",
        next_steps=[
            f"Choose one of {', '.join(made)}.",
            f"Or choose the keystore {DATABASE}, which makes every kind.",
        ],
    )
