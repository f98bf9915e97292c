"""The three DER shapes that putting a signature onto prepared bytes needs (X.690), and no more."""

SEQUENCE = 0x30
BIT_STRING = 0x03


def encode(tag: int, content: bytes) -> bytes:
    """One element: tag, definite length in its shortest form (X.690 10.1), content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def bit_string(content: bytes) -> bytes:
    """Whole octets as a BIT STRING: no unused bits."""
    return encode(BIT_STRING, b"\x00" + content)


def header(data: bytes, at: int = 0) -> tuple[int, int]:
    """Where the content of the element at offset `at` begins and ends. Trusts that `data` is DER."""
    length, begin = data[at + 1], at + 2
    if length >= 0x80:
        octets = length & 0x7F
        length, begin = int.from_bytes(data[begin : begin + octets], "big"), begin + octets
    return begin, begin + length


def signed(tbs: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """SIGNED{} of RFC 5280 4.1.1 and 5.1.1: what is signed, the AlgorithmIdentifier, the signature."""
    return encode(SEQUENCE, tbs + algorithm + bit_string(signature))


def inner_algorithm(tbs: bytes) -> bytes:
    """The AlgorithmIdentifier inside a TBSCertificate or TBSCertList: its first SEQUENCE element.

    Before it stand only the version and, in a certificate, the serial number (RFC 5280 4.1, 5.1). The
    outer one must be the same (4.1.1.2), so it is copied and never written anew.
    """
    at, _ = header(tbs)
    while tbs[at] != SEQUENCE:
        _, at = header(tbs, at)
    _, end = header(tbs, at)
    return tbs[at:end]


def key_bits(spki: bytes) -> bytes:
    """The bits of a key inside the BIT STRING of its SubjectPublicKeyInfo (RFC 5280 4.2.1.2)."""
    begin, _ = header(spki)
    _, algorithm_end = header(spki, begin)
    bits_begin, bits_end = header(spki, algorithm_end)
    return spki[bits_begin + 1 : bits_end]
