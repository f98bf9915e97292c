"""What is taken for a signed request, and what is not."""

import json

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from hanaper.core.acme import jws
from hanaper.core.acme.base64url import decode, encode
from hanaper.core.acme.problems import AcmeProblem
from tests.acme_client import algorithm_of, new_key, public
from tests.acme_client import jws as signed

URL = "https://acme.example.com/new-order"
KEYS = {
    "ES256": new_key("EC", "P-256"),
    "ES384": new_key("EC", "P-384"),
    "ES512": new_key("EC", "P-521"),
    "RS256": new_key("RSA", 2048),
    "EdDSA": new_key("OKP", "Ed25519"),
}


def request(key, payload=b"{}", **header):
    head = {"alg": algorithm_of(key), "nonce": "n", "url": URL, "jwk": public(key)} | header
    return signed(key, {name: value for name, value in head.items() if value is not None}, payload)


def refused(raw, algorithms=jws.ALGORITHMS):
    with pytest.raises(AcmeProblem) as caught:
        envelope = jws.read_envelope(raw if isinstance(raw, bytes) else json.dumps(raw).encode(), algorithms)
        jws.verify(envelope, jws.read_key(envelope.jwk or {}))
    return caught.value


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_each_algorithm_is_taken(key):
    envelope = jws.read_envelope(json.dumps(request(key, b'{"a":1}')).encode())
    jws.verify(envelope, jws.read_key(envelope.jwk))
    assert envelope.body() == {"a": 1}
    assert jws.thumbprint(jws.read_key(envelope.jwk)) == key.thumbprint()


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_another_signature_is_not(key):
    made = request(key)
    flipped = bytearray(decode(made["signature"]))
    flipped[7] ^= 1
    other = request(new_key("EC", "P-256"))
    assert refused(made | {"signature": encode(bytes(flipped))}).code == "malformed"
    assert refused(made | {"payload": encode(b'{"x":1}')}).code == "malformed"
    assert refused(made | {"signature": other["signature"]}).code == "malformed"
    assert refused(made | {"signature": ""}).code == "malformed"


@pytest.mark.parametrize(
    "algorithm", ["none", "HS256", "RS1", "PS256", "RS384", "ES256K", "Ed448", None, 7, ["ES256"]]
)
def test_other_algorithms_are_told_which_there_are(algorithm):
    made = request(KEYS["ES256"])
    protected = {"alg": algorithm, "nonce": "n", "url": URL, "jwk": public(KEYS["ES256"])}
    problem = refused(made | {"protected": encode(json.dumps(protected).encode())})
    assert problem.code == "badSignatureAlgorithm"
    assert problem.document()["algorithms"] == ["ES256", "ES384", "ES512", "RS256", "EdDSA"]


@pytest.mark.parametrize(
    ("claimed", "used"), [("ES384", "ES256"), ("ES256", "RS256"), ("RS256", "EdDSA"), ("EdDSA", "ES256")]
)
def test_an_algorithm_of_another_kind_of_key(claimed, used):
    made = request(KEYS[used])
    protected = {"alg": claimed, "nonce": "n", "url": URL, "jwk": public(KEYS[used])}
    assert (
        refused(made | {"protected": encode(json.dumps(protected).encode())}).code == "badSignatureAlgorithm"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"protected":"","payload":"","signature":"","header":{}}',
        b'{"protected":"e30","payload":""}',
        b'{"protected":"e30","protected":"e30","payload":"","signature":""}',
        b'{"protected":"e30=","payload":"","signature":""}',
        b'{"protected":"e31","payload":"","signature":""}',  # bits left over
        b'{"payload":"","signatures":[{"protected":"e30","signature":""}]}',
        b'{"protected":1,"payload":"","signature":""}',
        b"[" * 100_000,
        b"\xff",
    ],
)  # fmt: skip
def test_what_is_no_request(raw):
    assert refused(raw).code == "malformed"


def test_what_is_too_large():
    problem = refused(b" " * (jws.LARGEST + 1))
    assert (problem.code, problem.status) == ("malformed", 413)


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": None},
        {"kid": "https://acme.example.com/account/1"},
        {"jwk": None, "kid": 5},
        {"jwk": "x"},
        {"url": None},
        {"url": 5},
        {"nonce": 5},
        {"crit": ["exp"], "exp": 1},
        {"b64": False},
    ],
    ids=str,
)
def test_headers_that_are_not_as_they_must_be(header):
    assert refused(request(KEYS["ES256"], **header)).code == "malformed"


def weak_keys():
    ec = public(KEYS["ES256"])
    rsa = public(KEYS["RS256"])
    yield "none", {}
    yield "symmetric", {"kty": "oct", "k": "AAAA"}
    yield "private", ECKey.generate_key("P-256").as_dict(private=True)
    yield "small", public(RSAKey.generate_key(1024))
    yield "exponent", rsa | {"e": "Aw"}
    yield "not on the curve", ec | {"x": ec["y"]}
    yield "no curve", ec | {"crv": "P-0"}
    yield "another form", ec | {"x": ec["x"] + "="}
    yield "leading zero", rsa | {"n": encode(b"\0" + decode(rsa["n"]))}
    yield "text for a list", {"kty": ["EC"]}
    yield "numbers", {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}


@pytest.mark.parametrize(
    ("what", "jwk"), list(weak_keys()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_keys_that_are_not_taken(what, jwk):
    with pytest.raises(AcmeProblem) as caught:
        jws.read_key(jwk)
    assert caught.value.code == "badPublicKey", what


def test_x25519_signs_nothing():
    jwk = {
        name: value
        for name, value in OKPKey.generate_key("X25519").as_dict(private=False).items()
        if name != "kid"
    }
    envelope = jws.read_envelope(json.dumps(request(KEYS["EdDSA"])).encode())
    with pytest.raises(AcmeProblem) as caught:
        jws.verify(envelope, jws.read_key(jwk))
    assert caught.value.code in ("badSignatureAlgorithm", "badPublicKey")


@pytest.mark.parametrize("algorithm", jws.MAC_ALGORITHMS)
def test_bindings_are_of_one_secret(algorithm):
    secret = b"s" * 32
    made = signed(OctKey.import_key(secret), {"alg": algorithm, "kid": "eab_1", "url": URL}, b"{}")
    envelope = jws.read_envelope(made, jws.MAC_ALGORITHMS)
    assert jws.verify_mac(envelope, secret)
    assert not jws.verify_mac(envelope, b"t" * 32)
    assert refused(made).code == "badSignatureAlgorithm"
