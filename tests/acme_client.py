"""A small ACME client of our own, for tests that say exactly what is sent: keys, JWS, and a way to post them.

`Poster` is how a request leaves: Django's test client here, HTTP in bench.
"""

import hmac
import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from hanaper.core.acme.base64url import decode, encode

JOSE = "application/jose+json"
Key = ECKey | RSAKey | OKPKey


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def problem(self) -> str:
        """The last part of the problem's type."""
        assert self.headers["Content-Type"] == "application/problem+json", self.content
        return str(self.json["type"]).removeprefix("urn:ietf:params:acme:error:")


# Method, address, body and content type in, an answer out.
Poster = Callable[[str, str, bytes | None, str], Answer]


def new_key(kind: str = "EC", size: str | int = "P-256") -> Key:
    return {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}[kind].generate_key(size)


def algorithm_of(key: Key) -> str:
    if isinstance(key, ECKey):
        return {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[key.curve_name]
    return "RS256" if isinstance(key, RSAKey) else "EdDSA"


def public(key: Key) -> dict[str, Any]:
    return {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}


def jws(key: Key, header: Mapping[str, Any], payload: bytes) -> dict[str, str]:
    """Signed as the header's `alg` says."""
    protected, body = encode(json.dumps(header).encode()), encode(payload)
    made = JWSRegistry.algorithms[header["alg"]].sign(f"{protected}.{body}".encode(), key)
    return {"protected": protected, "payload": body, "signature": encode(made)}


def binding(key: Key, kid: str, secret: bytes, url: str, algorithm: str = "HS256") -> dict[str, str]:
    """An external account binding (RFC 8555 7.3.4)."""
    protected = encode(json.dumps({"alg": algorithm, "kid": kid, "url": url}).encode())
    payload = encode(json.dumps(public(key)).encode())
    digest = algorithm.replace("HS", "sha")
    signature = hmac.digest(secret, f"{protected}.{payload}".encode(), digest)
    return {"protected": protected, "payload": payload, "signature": encode(signature)}


def csr_for(
    names: list[str], key: Any = None, common_name: str | None = None, ips: tuple[str, ...] = ()
) -> bytes:
    """A request in DER for these names, signed with SHA-256."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    alternative: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternative += [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips]
    if alternative:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternative), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass
class Client:
    """One client in one directory. Every method answers with what came, good or bad."""

    send: Poster
    directory: str
    key: Key = field(default_factory=new_key)
    kid: str = ""
    nonce: str = ""
    addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.addresses = self.send("GET", self.directory, None, "").json

    def url(self, name: str) -> str:
        return self.addresses[name]

    def take_nonce(self) -> str:
        if not self.nonce:
            self.nonce = self.send("HEAD", self.url("newNonce"), None, "").headers["Replay-Nonce"]
        taken, self.nonce = self.nonce, ""
        return taken

    def post(
        self, url: str, payload: Any = None, /, *, jwk: bool = False, key: Key | None = None, **header: Any
    ) -> Answer:
        """Signed; `payload` None: POST-as-GET. `header` replaces parts of the protected one; None removes."""
        key = key or self.key
        own: dict[str, Any] = {"alg": algorithm_of(key), "nonce": None, "url": url}
        own |= {"jwk": public(key)} if jwk or not self.kid else {"kid": self.kid}
        if "nonce" not in header:
            own["nonce"] = self.take_nonce()
        own = {name: value for name, value in (own | header).items() if value is not None}
        body = b"" if payload is None else json.dumps(payload).encode()
        return self.raw(url, json.dumps(jws(key, own, body)).encode())

    def raw(self, url: str, body: bytes, kind: str = JOSE) -> Answer:
        answer = self.send("POST", url, body, kind)
        self.nonce = answer.headers.get("Replay-Nonce", "")
        return answer

    def register(self, kid: str, secret: str, **payload: Any) -> Answer:
        """A new account bound by an external key; from then on requests are signed by it."""
        url = self.url("newAccount")
        bound = binding(self.key, kid, decode(secret), url)
        answer = self.post(url, {"externalAccountBinding": bound, **payload}, jwk=True)
        if answer.status in (200, 201):
            self.kid = answer.headers["Location"]
        return answer

    def order(self, *names: str, **more: Any) -> Answer:
        identifiers = [{"type": "dns", "value": name} for name in names]
        return self.post(self.url("newOrder"), {"identifiers": identifiers, **more})

    def challenge(self, authorization: str, kind: str) -> dict[str, Any]:
        found = self.post(authorization).json["challenges"]
        return next(one for one in found if one["type"] == kind)

    def proof(self, token: str) -> str:
        return f"{token}.{self.key.thumbprint()}"

    def finalize(self, order: Mapping[str, Any], csr: bytes) -> Answer:
        return self.post(order["finalize"], {"csr": encode(csr)})
