"""Throw-away keys that sign the copies shown to linters, and nothing else.

`cryptography` gives the bytes to be signed (TBS) only of something signed. So everything is signed
once with a key that nobody trusts and that lives in this process only; the TBS of that copy, which
names the issuer's real signature algorithm, is what the keystore then signs. Boulder does the same
before it lints (`linter/linter.go`).
"""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from hanaper.core.x509.algorithms import SignatureAlgorithm

LintKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | mldsa.MLDSA44PrivateKey
    | mldsa.MLDSA65PrivateKey
    | mldsa.MLDSA87PrivateKey
)


@cache
def lint_key(algorithm: SignatureAlgorithm) -> LintKey:
    """The process's throw-away key for `algorithm`, the smallest that can sign with it."""
    if algorithm is SignatureAlgorithm.RSA_SHA256:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm in (SignatureAlgorithm.ECDSA_SHA256, SignatureAlgorithm.ECDSA_SHA384):
        # The AlgorithmIdentifier names the hash and not the curve, so the faster curve does for both.
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm is SignatureAlgorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm is SignatureAlgorithm.ML_DSA_44:
        return mldsa.MLDSA44PrivateKey.generate()
    if algorithm is SignatureAlgorithm.ML_DSA_65:
        return mldsa.MLDSA65PrivateKey.generate()
    return mldsa.MLDSA87PrivateKey.generate()
