"""Public keys that anybody could find the private half of.

Source: Baseline Requirements 6.1.1.3 (keys that must be rejected) and 6.1.6 (exponent and modulus).
"""

from math import gcd, isqrt, prod

from cryptography.hazmat.primitives.asymmetric import rsa

# BR 6.1.6: odd, and from 2^16 + 1 to 2^256 - 1.
_MIN_EXPONENT, _MAX_EXPONENT = 2**16 + 1, 2**256 - 1
# BR 6.1.1.3 (5): a hundred rounds of Fermat's factorisation.
_FERMAT_ROUNDS = 100

_PRIMES_BELOW_752 = [n for n in range(2, 752) if all(n % d for d in range(2, isqrt(n) + 1))]
_SMALL_FACTORS = prod(_PRIMES_BELOW_752)

# ROCA (CVE-2017-15361): Infineon's library made primes k * M + 65537^a mod M with M the product of the
# first primes, so the modulus is a power of 65537 modulo each of them. Of random moduli fewer than one
# in 2^27 looks like that. Residues are kept as bit sets.
_ROCA_RESIDUES = {
    prime: sum(1 << residue for residue in {pow(65537, exponent, prime) for exponent in range(prime)})
    for prime in _PRIMES_BELOW_752
    if 2 < prime <= 167
}


def key_weakness(key: object) -> str | None:
    """Why a public key is refused, in words for its owner; None if no weakness is known.

    Only RSA has any to look for: a point on P-256 or P-384 is checked when it is loaded.
    """
    if not isinstance(key, rsa.RSAPublicKey):
        return None
    numbers = key.public_numbers()
    if numbers.e % 2 == 0 or not _MIN_EXPONENT <= numbers.e <= _MAX_EXPONENT:
        return "The RSA key's exponent is too small or too large; 65537 is the usual one."
    if gcd(numbers.n, _SMALL_FACTORS) != 1:
        return "The RSA key is broken: its modulus has a small factor. Make a new one."
    if all(mask >> (numbers.n % prime) & 1 for prime, mask in _ROCA_RESIDUES.items()):
        return "The RSA key was made by a faulty chip (ROCA, CVE-2017-15361). Make a new one."
    if _fermat_factors(numbers.n):
        return "The RSA key is broken: its two primes lie too close together. Make a new one."
    return None


def _fermat_factors(modulus: int) -> bool:
    """Whether Fermat's method finds a factor soon: it does when the primes are near each other."""
    middle = isqrt(modulus)
    if middle * middle < modulus:
        middle += 1
    for _ in range(_FERMAT_ROUNDS):
        rest = middle * middle - modulus
        root = isqrt(rest)
        if root * root == rest:
            return True
        middle += 1
    return False
