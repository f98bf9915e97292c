"""Serial numbers: unguessable, positive, of constant size."""

import secrets

# RFC 5280 4.1.2.2 allows 20 octets, the sign bit included; Baseline Requirements 7.1 want at least 64
# bits from a CSPRNG. The top bit is set so that every serial has the same length, the rest is random.
_BITS = 159


def new_serial() -> int:
    """A serial number with 158 random bits; its DER INTEGER always has 20 octets."""
    return (1 << (_BITS - 1)) | secrets.randbits(_BITS - 1)


def check_serial(serial: int) -> None:
    """Raise ValueError unless it is positive and fits 20 octets (RFC 5280 4.1.2.2)."""
    if not 0 < serial < 1 << _BITS:
        raise ValueError("a serial number is positive and has at most 20 octets")


def serial_hex(serial: int) -> str:
    """As people and `openssl` write it: upper-case hexadecimal, whole octets."""
    digits = f"{serial:X}"
    return digits.zfill(len(digits) + len(digits) % 2)
