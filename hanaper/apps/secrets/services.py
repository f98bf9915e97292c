"""Sealing and unsealing. Whoever holds an unsealed secret keeps it out of logs, rows and answers."""

import secrets
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from hanaper import clock
from hanaper.apps.secrets.master_keys import MasterKeys
from hanaper.apps.secrets.models import DataKey, SealedSecret
from hanaper.storage.ids import new_public_id

NONCE = 12
KEY = 32
# A random nonce is safe for 2^32 messages under one key (NIST SP 800-38D 8.3); a new key a day is cheap.
DATA_KEY_AGE = timedelta(days=1)


class SealBroken(Exception):
    """A sealed secret that cannot be opened: damaged, moved to another row, or asked for another purpose."""


def master_keys() -> MasterKeys:
    return MasterKeys(settings.MASTER_KEY_FOLDER)


def seal(plaintext: bytes, purpose: str) -> SealedSecret:
    """Keep `plaintext` for `purpose`, in the caller's transaction."""
    data_key = _data_key()
    public_id = new_public_id("sec")
    return SealedSecret.objects.create(
        public_id=public_id,
        purpose=purpose,
        data_key=data_key,
        sealed=_seal(_open_data_key(data_key), plaintext, f"{public_id}:{purpose}"),
        created_at=clock.system_now(),
    )


def unseal(secret: SealedSecret, purpose: str) -> bytes:
    """The plaintext. SealBroken: it was sealed for another purpose, or tampered with."""
    key = _open_data_key(secret.data_key)
    return _open(key, bytes(secret.sealed), f"{secret.public_id}:{purpose}", secret.public_id)


def destroy(secret: SealedSecret) -> None:
    """Forget the secret for good, in the caller's transaction."""
    SealedSecret.objects.filter(pk=secret.pk).delete()


def rotate_master_key() -> str:
    """Seal every data key under a new master key; its id. The secrets themselves are not touched.

    The old files stay until an operator has made sure that no backup needs them.
    """
    ring = master_keys()
    name = ring.generate()
    master = ring.get(name)
    with transaction.atomic():
        for data_key in DataKey.objects.select_for_update().order_by("pk"):
            plain = _open_data_key(data_key)
            data_key.sealed, data_key.master_key = _seal(master, plain, data_key.public_id), name
            data_key.save(update_fields=["sealed", "master_key"])
    return name


def _data_key() -> DataKey:
    system_at = clock.system_now()
    newest = DataKey.objects.order_by("-pk").first()
    if newest is not None and system_at - newest.created_at < DATA_KEY_AGE:
        return newest
    name, master = master_keys().current()
    public_id = new_public_id("dek")
    return DataKey.objects.create(
        public_id=public_id,
        master_key=name,
        sealed=_seal(master, secrets.token_bytes(KEY), public_id),
        created_at=system_at,
    )


def _open_data_key(data_key: DataKey) -> bytes:
    master = master_keys().get(data_key.master_key)
    return _open(master, bytes(data_key.sealed), data_key.public_id, data_key.public_id)


def _seal(key: bytes, plaintext: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str, what: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"{what} cannot be opened") from error
