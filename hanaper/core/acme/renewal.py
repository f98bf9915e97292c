"""When a certificate is best renewed (RFC 9773)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from hanaper.core.acme.base64url import decode, encode
from hanaper.core.acme.problems import malformed

POLL = timedelta(hours=6)  # Retry-After: how often clients ask again
_PAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    start: datetime
    end: datetime


def certificate_id(der: bytes) -> str:
    """Key identifier of the issuer and serial number (RFC 9773 4.1)."""
    certificate = x509.load_der_x509_certificate(der)
    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    return f"{encode(issuer.key_identifier or b'')}.{encode(_serial_octets(certificate.serial_number))}"


def read_certificate_id(text: str) -> tuple[bytes, int]:
    """The issuer's key identifier and the serial number. AcmeProblem `malformed`."""
    issuer, dot, serial = text.partition(".")
    try:
        if not dot or not issuer or not serial or len(text) > 200:
            raise ValueError("not two parts")
        found = decode(issuer), int.from_bytes(decode(serial), "big")
    except ValueError:
        raise malformed(
            "A certificate is named by its issuer's key identifier and its serial number."
        ) from None
    if encode(_serial_octets(found[1])) != serial:
        raise malformed("The serial number is not in its canonical form.")
    return found


def _serial_octets(serial: int) -> bytes:
    """The content of a DER INTEGER: a leading zero where the first bit would make it negative."""
    return serial.to_bytes(serial.bit_length() // 8 + 1, "big")


def window(not_before: datetime, not_after: datetime) -> Window:
    """Around two thirds of its life, a twenty-fourth of it wide, so that not everybody comes at once."""
    life = not_after - not_before
    middle = not_before + life * 2 / 3
    return Window(_whole(middle - life / 48), _whole(middle + life / 48))


def now(at: datetime) -> Window:
    """At once: it was revoked, or its owner asks (RFC 9773 4.2)."""
    return Window(_whole(at - 2 * _PAST), _whole(at - _PAST))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
