"""The contract of a keystore: it signs, and never lets a key out. `wiring.py` registers the stores."""

from typing import Protocol

from hanaper.core.x509.algorithms import KeyAlgorithm


class Keystore(Protocol):
    """`sign` takes the exact bytes to be signed and the value of a `SignatureAlgorithm`."""

    def generate(self, algorithm: KeyAlgorithm) -> str:
        """A new key; its id."""
        ...

    def public_key(self, key_id: str) -> bytes:
        """DER SubjectPublicKeyInfo."""
        ...

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes: ...

    def destroy(self, key_id: str) -> None:
        """Forget the key for good; nothing can be signed with it again."""
        ...


_keystores: dict[str, Keystore] = {}


def register(name: str, keystore: Keystore) -> None:
    """Called by `wiring.py`, once a store."""
    _keystores[name] = keystore


def keystore(name: str) -> Keystore:
    return _keystores[name]
