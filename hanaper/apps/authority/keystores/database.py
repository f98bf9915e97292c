"""Keys in the database, sealed under the master key (hanaper.apps.secrets)."""

from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from hanaper.apps.authority.models import StoredKey
from hanaper.apps.secrets.services import destroy, seal, unseal
from hanaper.core.x509.algorithms import KeyAlgorithm, SignatureAlgorithm, spki_of

PURPOSE = "ca-key"
CURVES = {KeyAlgorithm.EC_P256: ec.SECP256R1, KeyAlgorithm.EC_P384: ec.SECP384R1}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class DatabaseKeystore:
    """RSA and ECDSA. A few unsealed keys are kept in this process's memory, so that signing a thousand
    certificates does not unseal a thousand times; a destroyed key leaves it at once."""

    def generate(self, algorithm: KeyAlgorithm) -> str:
        key = _new(algorithm)
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        stored = StoredKey.objects.create(
            algorithm=algorithm, spki=spki_of(key.public_key()), secret=seal(der, PURPOSE)
        )
        return stored.public_id

    def public_key(self, key_id: str) -> bytes:
        return bytes(StoredKey.objects.values_list("spki", flat=True).filter(public_id=key_id).get())

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes:
        key = _unsealed(key_id)
        if SignatureAlgorithm(algorithm) is not _signature_of(key):
            raise ValueError(f"{algorithm} is not for this key")
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
        digest = hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256()
        return key.sign(tbs, ec.ECDSA(digest))

    def destroy(self, key_id: str) -> None:
        _unsealed.cache_clear()
        stored = StoredKey.objects.select_related("secret").filter(public_id=key_id).first()
        if stored is not None:
            secret = stored.secret
            stored.delete()
            destroy(secret)


def _signature_of(key: PrivateKey) -> SignatureAlgorithm:
    if isinstance(key, rsa.RSAPrivateKey):
        return SignatureAlgorithm.RSA_SHA256
    is_p384 = isinstance(key.curve, ec.SECP384R1)
    return SignatureAlgorithm.ECDSA_SHA384 if is_p384 else SignatureAlgorithm.ECDSA_SHA256


def _new(algorithm: KeyAlgorithm) -> PrivateKey:
    if algorithm.is_rsa:
        size = int(algorithm.value.removeprefix("rsa-"))
        return rsa.generate_private_key(public_exponent=65537, key_size=size)
    return ec.generate_private_key(CURVES[algorithm]())


@lru_cache(maxsize=16)
def _unsealed(key_id: str) -> PrivateKey:
    stored = StoredKey.objects.select_related("secret__data_key").filter(public_id=key_id).get()
    key = load_der_private_key(unseal(stored.secret, PURPOSE), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key_id} is a kind of key that this store does not make")
    return key
