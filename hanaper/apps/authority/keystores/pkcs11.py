"""Keys in a token behind PKCS #11 (an HSM, a smart card, SoftHSM): made there, sensitive, never extractable.

The library is told of no threads (C_Initialize without arguments), so a process has one session and one
call at a time. A session is opened when it is first needed, and again once whatever ended it: a fork, a
token that was pulled, a login that was lost. The key's id is its CKA_ID, and its CKA_LABEL for people.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Lock
from typing import Any

import pkcs11
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.db.models import QuerySet
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as errors
from pkcs11.util.ec import encode_named_curve_parameters

from hanaper import clock
from hanaper.apps.authority.keystores import PKCS11, KeystoreUnavailable, not_made
from hanaper.apps.authority.models import TokenKey
from hanaper.core.x509.algorithms import KeyAlgorithm, PublicKey, SignatureAlgorithm, spki_of
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger

log = logger(__name__)

CURVES = {KeyAlgorithm.EC_P256: ec.SECP256R1(), KeyAlgorithm.EC_P384: ec.SECP384R1()}
# PKCS #11 3.0, 2.3.10: the curve's name as a PrintableString.
EDWARDS25519 = b"\x13\x0cedwards25519"
MAKES = [one for one in KeyAlgorithm if one.is_rsa or one in CURVES or one is KeyAlgorithm.ED25519]
MECHANISMS = {
    SignatureAlgorithm.RSA_SHA256: Mechanism.SHA256_RSA_PKCS,
    # The digest is made here: every token signs one, not every token hashes.
    SignatureAlgorithm.ECDSA_SHA256: Mechanism.ECDSA,
    SignatureAlgorithm.ECDSA_SHA384: Mechanism.ECDSA,
    SignatureAlgorithm.ED25519: Mechanism.EDDSA,
}
PRIVATE = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.SIGN: True,
    Attribute.DECRYPT: False,
    Attribute.UNWRAP: False,
}
# What a token says of a kind of key that it does not make.
NOT_MADE = (
    errors.MechanismInvalid,
    errors.KeySizeRange,
    errors.DomainParamsInvalid,
    errors.AttributeValueInvalid,
    errors.TemplateInconsistent,
    errors.FunctionNotSupported,
)
# Tried again, these lock the token.
WRONG_PIN = (errors.PinIncorrect, errors.PinLocked, errors.PinExpired, errors.PinInvalid, errors.PinLenRange)


class Pkcs11Keystore:
    """RSA, P-256, P-384, and Ed25519 where the token has it. `module` is the library's path, `token` the
    token's label. Nothing is loaded before a key is needed."""

    def __init__(self, module: str, token: str, pin: str) -> None:
        self._module, self._token, self._pin = module, token, pin
        self._pin_refused = False
        self._lock = Lock()
        self._session: pkcs11.Session | None = None
        self._keys: dict[str, Any] = {}
        os.register_at_fork(after_in_child=self._forget)

    def makes(self, algorithm: KeyAlgorithm) -> bool:
        return algorithm in MAKES

    def generate(self, algorithm: KeyAlgorithm) -> str:
        """The key is known before it is there, so that one which nobody comes to use is found."""
        if not self.makes(algorithm):
            raise not_made(PKCS11, MAKES, algorithm)
        row = TokenKey.objects.create(algorithm=algorithm, token=self._token, created_at=clock.system_now())
        try:
            public = self._run(lambda session: _generate(session, row.public_id, algorithm))
        except NOT_MADE as error:
            row.delete()
            raise not_made(PKCS11, [one for one in MAKES if one is not algorithm], algorithm) from error
        crashpoint("authority.token.after_generate")
        TokenKey.objects.filter(pk=row.pk).update(spki=spki_of(public))
        return row.public_id

    def public_key(self, key_id: str) -> bytes:
        return bytes(_row(key_id).spki or b"")

    def sign(self, key_id: str, algorithm: str, tbs: bytes) -> bytes:
        signature_algorithm = SignatureAlgorithm(algorithm)
        if signature_algorithm is not KeyAlgorithm(_row(key_id).algorithm).signature:
            raise ValueError(f"{algorithm} is not for this key")
        mechanism, message = MECHANISMS[signature_algorithm], tbs
        if mechanism is Mechanism.ECDSA:
            digest = hashes.Hash(signature_algorithm.hash or hashes.SHA256())
            digest.update(tbs)
            message = digest.finalize()
        signature = self._run(lambda session: self._key(session, key_id).sign(message, mechanism=mechanism))
        if mechanism is Mechanism.ECDSA:  # r and s side by side (PKCS #11 2.3.1); X.509 wants them in DER
            half = len(signature) // 2
            r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
            return encode_dss_signature(r, s)
        return bytes(signature)

    def destroy(self, key_id: str) -> None:
        row = TokenKey.objects.filter(public_id=key_id).first()
        if row is not None:
            self._run(lambda session: _destroy(session, key_id))
            self._keys.pop(key_id, None)
            row.delete()

    def holds(self, key_id: str) -> bool:
        return self._run(lambda session: any(True for _ in _private(session, key_id)))

    def probe(self) -> None:
        self._run(lambda session: _private(session, "probe"))  # there is no such key

    def made_before(self, moment: datetime) -> QuerySet[TokenKey]:
        return TokenKey.objects.filter(created_at__lte=moment)

    def _key(self, session: pkcs11.Session, key_id: str) -> Any:
        """Its handle, which is good for as long as the session."""
        if key_id not in self._keys:
            found = next(iter(_private(session, key_id)), None)
            if found is None:
                raise errors.NoSuchKey
            self._keys[key_id] = found
        return self._keys[key_id]

    def _run[T](self, work: Callable[[pkcs11.Session], T]) -> T:
        """`work` in the session, and once more in a new one if the first was lost."""
        with self._lock:
            for again in (False, True):
                try:
                    return work(self._session or self._connect())
                except NOT_MADE:
                    raise
                except WRONG_PIN as error:
                    self._pin_refused = True
                    raise self._unavailable("it refuses the PIN") from error
                except errors.PKCS11Error as error:
                    self._session, self._keys = None, {}
                    log.warning("token_failed", token=self._token, error=type(error).__name__, again=again)
                    last = error
            if isinstance(last, errors.NoSuchKey):
                raise self._unavailable("it does not hold this key") from last
            raise self._unavailable("it does not answer") from last

    def _connect(self) -> pkcs11.Session:
        if self._pin_refused:
            raise self._unavailable("it refused the PIN, which is not tried again before a restart")
        library = pkcs11.lib(self._module)
        with suppress(errors.PKCS11Error):
            library.finalize()  # also what a process that forked us began
        library.initialize()
        session = library.get_token(token_label=self._token).open(rw=True, user_pin=self._pin)
        self._session = session
        return session

    def _unavailable(self, why: str) -> KeystoreUnavailable:
        return KeystoreUnavailable(
            f"The token {self._token!r} cannot be used: {why}.",
            next_steps=["See that the token is there and HANAPER_PKCS11_... are right; then try again."],
        )

    def _forget(self) -> None:
        """Nothing of a session survives a fork; a lock may have been held by a thread that is not here."""
        self._lock, self._session, self._keys = Lock(), None, {}


def _row(key_id: str) -> TokenKey:
    return TokenKey.objects.filter(public_id=key_id).get()


def _private(session: pkcs11.Session, key_id: str) -> list[Any]:
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id.encode()}
    return list(session.get_objects(wanted))


def _destroy(session: pkcs11.Session, key_id: str) -> None:
    for found in list(session.get_objects({Attribute.ID: key_id.encode()})):
        found.destroy()


def _generate(session: pkcs11.Session, key_id: str, algorithm: KeyAlgorithm) -> PublicKey:
    _destroy(session, key_id)  # what an attempt made whose answer was lost
    given: dict[str, Any] = {
        "id": key_id.encode(),
        "label": f"hanaper {key_id}",
        "store": True,
        "private_template": PRIVATE,
    }
    if algorithm.is_rsa:
        size = int(algorithm.value.removeprefix("rsa-"))
        public, _ = session.generate_keypair(KeyType.RSA, size, **given)
        modulus, exponent = public[Attribute.MODULUS], public[Attribute.PUBLIC_EXPONENT]
        return rsa.RSAPublicNumbers(
            int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")
        ).public_key()
    if algorithm in CURVES:
        curve = CURVES[algorithm]
        parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve.name)}
        domain = session.create_domain_parameters(KeyType.EC, parameters, local=True)
        public, _ = domain.generate_keypair(**given)
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, _point(public))
    domain = session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: EDWARDS25519}, local=True
    )
    public, _ = domain.generate_keypair(**given)
    return ed25519.Ed25519PublicKey.from_public_bytes(_point(public)[-32:])


def _point(public: pkcs11.PublicKey) -> bytes:
    """CKA_EC_POINT without its OCTET STRING (PKCS #11 2.3.3): two bytes, for each is shorter than 128."""
    return bytes(public[Attribute.EC_POINT])[2:]
