"""The entries of revocation lists, written straight to DER: there may be half a million (RFC 5280 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hanaper.core.x509 import der
from hanaper.core.x509.certificates import whole_second
from hanaper.core.x509.reasons import RevocationReason
from hanaper.core.x509.serials import check_serial


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One revoked certificate: serial number, when, why. In a delta list one may be `removed`: it was on hold
    and is not any more (RFC 5280 5.3.1)."""

    serial: int
    revoked_at: datetime
    reason: RevocationReason = RevocationReason.UNSPECIFIED
    removed: bool = False


_REMOVED = 8  # removeFromCRL
_UTC_TIME, _GENERALIZED_TIME, _INTEGER, _ENUMERATED, _OCTETS = 0x17, 0x18, 0x02, 0x0A, 0x04
_REASON = bytes.fromhex("0603551d15")  # id-ce-cRLReasons


def encode_entries(entries: Iterable[RevokedEntry], this_update: datetime) -> list[bytes]:
    """Each entry in DER, in order. ValueError for a serial that is none or stands there twice, and for what
    is revoked after the list was made."""
    found, seen = [], set()
    tails: dict[tuple[datetime, int], bytes] = {}
    for entry in entries:
        code = _REMOVED if entry.removed else entry.reason.code
        tail = tails.get((entry.revoked_at, code))
        if tail is None:
            revoked_at = whole_second(entry.revoked_at)
            if revoked_at > this_update:
                raise ValueError("what is revoked was revoked before the list was made")
            tail = tails[entry.revoked_at, code] = _time(revoked_at) + _reason(code)
        serial = entry.serial
        check_serial(serial)
        seen.add(serial)
        octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        content = bytes((_INTEGER, len(octets))) + octets + tail
        found.append(bytes((der.SEQUENCE, len(content))) + content)  # never as long as 128 octets
    if len(seen) < len(found):
        raise ValueError("a serial number stands there twice")
    return found


def _time(at: datetime) -> bytes:
    if at.year < 2050:  # RFC 5280 5.1.2.6
        return der.encode(_UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode())
    return der.encode(_GENERALIZED_TIME, f"{at:%Y%m%d%H%M%SZ}".encode())


def _reason(code: int) -> bytes:
    if code == 0:  # RFC 5280 5.3.1: unspecified is said by leaving the extension out
        return b""
    value = der.encode(_OCTETS, der.encode(_ENUMERATED, bytes((code,))))
    return der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, _REASON + value))
