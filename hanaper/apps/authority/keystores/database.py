"""Keys in the database, sealed under the master key (hanaper.apps.secrets)."""

from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from hanaper.apps.authority import key_material
from hanaper.apps.authority.key_material import PrivateKey
from hanaper.apps.authority.models import StoredKey
from hanaper.apps.secrets.services import SealBroken, destroy, seal, unseal
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, key_algorithm, spki_of
from hanaper.storage.configuration import ConfigurationError

PURPOSE = "ca-key"


class DatabaseKeystore:
    """Every kind of key. A few unsealed ones are kept in this process's memory, so that signing a thousand
    certificates does not unseal a thousand times; a destroyed key leaves it at once."""

    def makes(self, algorithm: KeyAlgorithm) -> bool:
        del algorithm  # all of them
        return True

    def generate(self, algorithm: KeyAlgorithm) -> str:
        key = key_material.new_key(algorithm)
        stored = StoredKey.objects.create(
            algorithm=algorithm,
            spki=spki_of(key.public_key()),
            secret=seal(key_material.to_der(key), PURPOSE),
        )
        return stored.public_id

    def public_key(self, key_id: str) -> bytes:
        return bytes(StoredKey.objects.values_list("spki", flat=True).filter(public_id=key_id).get())

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes:
        key = _unsealed(key_id)
        if SignatureAlgorithm(algorithm) is not key_algorithm(key.public_key()).signature:
            raise ValueError(f"{algorithm} is not for this key")
        return key_material.sign(key, tbs)

    def destroy(self, key_id: str) -> None:
        _unsealed.cache_clear()
        stored = StoredKey.objects.select_related("secret").filter(public_id=key_id).first()
        if stored is not None:
            secret = stored.secret
            stored.delete()
            destroy(secret)

    def holds(self, key_id: str) -> bool:
        """False also where the master key that it is sealed under is missing."""
        try:
            _unsealed(key_id)
        except (StoredKey.DoesNotExist, ConfigurationError, SealBroken):
            return False
        return True

    def probe(self) -> None:
        """It answers when the database does."""

    def made_before(self, moment: datetime) -> QuerySet[StoredKey]:
        return StoredKey.objects.filter(secret__created_at__lte=moment)


@lru_cache(maxsize=64)
def _unsealed(key_id: str) -> PrivateKey:
    stored = StoredKey.objects.select_related("secret__data_key").filter(public_id=key_id).get()
    return key_material.from_der(unseal(stored.secret, PURPOSE))
