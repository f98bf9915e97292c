"""Why an origin could not be asked, in our own words: those of OpenSSL and the system have no translation."""

import errno
import ssl

LONGEST = 200
NOT_TRUSTED = "Its certificate leads to no CA that is trusted: the CA is unknown, or its chain is not whole."
OTHER_NAME = "Its certificate is not for the name {}."
# By the codes of OpenSSL (openssl-verification-options(1)).
CERTIFICATES = {
    9: "Its certificate is not valid yet.",
    10: "Its certificate has expired.",
    18: "Its certificate is signed by itself and not among those that are trusted.",
    19: NOT_TRUSTED,
    20: NOT_TRUSTED,
    21: NOT_TRUSTED,
    62: OTHER_NAME,
    64: OTHER_NAME,
}
NO_TLS = "It does not speak TLS at this port."
HANDSHAKES = {
    "WRONG_VERSION_NUMBER": NO_TLS,
    "RECORD_LAYER_FAILURE": NO_TLS,
    "PACKET_LENGTH_TOO_LONG": NO_TLS,
    "UNEXPECTED_EOF_WHILE_READING": "It closed the connection during the TLS handshake.",
}
CONNECTIONS = {
    errno.ECONNREFUSED: "It refuses connections at this port.",
    errno.ECONNRESET: "It broke off the connection.",
    errno.EHOSTUNREACH: "No way leads to its address.",
    errno.ENETUNREACH: "No way leads to its address.",
}


def failure(error: OSError, name: str) -> str:
    """One sentence; `name`: what the origin's certificate must be for. What is not known here is quoted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        quoted = error.verify_message.removesuffix(".")
        found = CERTIFICATES.get(error.verify_code, f"Its certificate is not accepted: {quoted}.")
        return found.replace("{}", name)[:LONGEST]
    if isinstance(error, ssl.SSLError):
        reason = error.reason or "refused"
        return HANDSHAKES.get(reason, f"The TLS handshake failed: {reason}.")[:LONGEST]
    known = CONNECTIONS.get(error.errno or 0)
    return known or f"No connection came about: {error.strerror or type(error).__name__}."[:LONGEST]
