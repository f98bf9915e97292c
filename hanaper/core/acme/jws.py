"""Signed requests, read as hostile input: JWS in flattened JSON (RFC 7515, RFC 8555 6.2).

Signatures and keys are joserfc's; what ACME asks beyond them is said here.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from hanaper.core.acme.base64url import decode
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed
from hanaper.core.certificate.key_strength import key_weakness

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "EdDSA")
MAC_ALGORITHMS = ("HS256", "HS384", "HS512")
SMALLEST_RSA, LARGEST_RSA = 2048, 8192
LARGEST = 256 * 1024  # bytes of a request: a CSR with a hundred names is a tenth of it
_MEMBERS = frozenset({"protected", "payload", "signature"})

# What an account's key is; a certificate's own key, when it signs a revocation, is one of these too.
Key = ECKey | RSAKey | OKPKey
_KINDS: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request taken apart; nothing of it is believed before `verify`. Exactly one of `kid` and `jwk`."""

    algorithm: str
    url: str
    nonce: str | None
    kid: str | None
    jwk: Mapping[str, Any] | None
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)  # what the signature is over

    def body(self) -> dict[str, Any]:
        """The payload of a request that changes something: a JSON object. AcmeProblem `malformed`."""
        return read_object(self.payload, "The payload")

    def require_empty(self) -> None:
        """POST-as-GET (RFC 8555 6.3)."""
        if self.payload:
            raise malformed("This address is read with an empty payload (POST-as-GET).")


def read_envelope(raw: bytes | Mapping[str, Any], algorithms: tuple[str, ...] = ALGORITHMS) -> Envelope:
    """AcmeProblem: `malformed`, `badSignatureAlgorithm` with the algorithms there are."""
    if isinstance(raw, bytes):
        if len(raw) > LARGEST:
            raise malformed("The request is too large.", 413)
        raw = read_object(raw, "The request")
    if set(raw) != _MEMBERS or not all(isinstance(value, str) for value in raw.values()):
        raise malformed("A request is a JWS in flattened JSON: protected, payload and signature, no more.")
    try:
        protected = read_object(decode(raw["protected"]), "The protected header")
        payload, signature = decode(raw["payload"]), decode(raw["signature"])
    except ValueError:
        raise malformed("The parts of a JWS are base64url without padding.") from None
    algorithm = protected.get("alg")
    if algorithm not in algorithms:
        raise AcmeProblem(
            ProblemType.BAD_SIGNATURE_ALGORITHM,
            f"Sign with one of {', '.join(algorithms)}.",
            algorithms=algorithms,
        )
    if "crit" in protected or "b64" in protected:
        raise malformed("No extension of JWS is understood here.")
    kid, jwk = protected.get("kid"), protected.get("jwk")
    if (kid is None) == (jwk is None):
        raise malformed("The protected header has either a jwk or a kid.")
    if not isinstance(kid, str | None) or not isinstance(jwk, dict | None):
        raise malformed("A kid is a text, a jwk an object.")
    url, nonce = protected.get("url"), protected.get("nonce")
    if not isinstance(url, str) or not isinstance(nonce, str | None):
        raise malformed("The protected header has the url of the request, and its nonce, as texts.")
    signed = f"{raw['protected']}.{raw['payload']}".encode()
    return Envelope(str(algorithm), url, nonce, kid, jwk, payload, signature, signed)


def read_object(raw: bytes, what: str) -> dict[str, Any]:
    """A JSON object with each name once. AcmeProblem `malformed`."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_each_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise malformed(f"{what} is not a JSON object.") from None
    if not isinstance(found, dict):
        raise malformed(f"{what} is not a JSON object.")
    return found


def read_key(jwk: Mapping[str, Any]) -> Key:
    """The public key of a jwk. AcmeProblem `badPublicKey`."""
    try:
        return _key_of(json.dumps(jwk, sort_keys=True))
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, OverflowError):
        raise bad_key("This is no public key, or of no kind that is taken here.") from None


@lru_cache(maxsize=4096)
def _key_of(written: str) -> Key:
    jwk = json.loads(written)
    kind = _KINDS.get(jwk.get("kty"))
    if kind is None or "d" in jwk:
        raise ValueError("not a public key of a kind that we take")
    given = kind.import_key(jwk)
    # Once more from the key itself: one key has one thumbprint (RFC 7638), however it was written.
    key = kind.import_key(given.public_key)  # type: ignore[arg-type]
    if any(jwk.get(name) != value for name, value in members(key).items()):
        raise ValueError("not in canonical form")
    _refuse_weak(key.public_key)
    return key


def _refuse_weak(public: object) -> None:
    if isinstance(public, rsa.RSAPublicKey):
        if not SMALLEST_RSA <= public.key_size <= LARGEST_RSA:
            raise bad_key(f"An RSA key has {SMALLEST_RSA} to {LARGEST_RSA} bits.")
        if weakness := key_weakness(public):
            raise bad_key(weakness)


def members(key: Key) -> dict[str, str]:
    """The jwk with what a thumbprint needs, and nothing else."""
    return {name: str(value) for name, value in key.as_dict(private=False).items() if name != "kid"}


def thumbprint(key: Key) -> str:
    """RFC 7638, SHA-256, base64url."""
    return str(key.thumbprint())


def verify(envelope: Envelope, key: Key) -> None:
    """AcmeProblem: `malformed` if the signature is another key's, `badSignatureAlgorithm` if it must be."""
    algorithm = JWSRegistry.algorithms[envelope.algorithm]
    try:
        algorithm.check_key(key)
    except (JoseError, ValueError):
        raise _not_for(envelope) from None
    if isinstance(key, OKPKey) and not isinstance(key.public_key, ed25519.Ed25519PublicKey):
        raise _not_for(envelope)
    try:
        good = algorithm.verify(envelope.signed, envelope.signature, key)
    except (JoseError, ValueError):
        good = False
    if not good:
        raise malformed("The signature does not fit the request.")


def verify_mac(envelope: Envelope, secret: bytes) -> bool:
    """Whether an external account binding was made with the secret (RFC 8555 7.3.4)."""
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[envelope.algorithm]
    return hmac.compare_digest(hmac.digest(secret, envelope.signed, digest), envelope.signature)


def bad_key(detail: str) -> AcmeProblem:
    return AcmeProblem(ProblemType.BAD_PUBLIC_KEY, detail)


def _not_for(envelope: Envelope) -> AcmeProblem:
    return AcmeProblem(
        ProblemType.BAD_SIGNATURE_ALGORITHM,
        f"{envelope.algorithm} is not an algorithm for this kind of key.",
        algorithms=ALGORITHMS,
    )


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
