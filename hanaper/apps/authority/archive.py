"""Every certificate that was signed, as a file: what is left to know of it when the database is an older one.

Written before the database says `signed`, so before anybody can have the certificate; never changed, and
removed only with its authority. A folder for each authority, in it one for the first two digits of
serials.
"""

import shutil
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from django.conf import settings

from hanaper.apps.authority.models import Authority, Issuance
from hanaper.core.x509.serials import serial_hex
from hanaper.storage.files import write_atomically

BATCH = 500


def keep(issuance: Issuance, der: bytes) -> None:
    """On disk when it returns."""
    folder = _folder(issuance.authority) / issuance.serial[:2]
    write_atomically(folder / f"{issuance.serial}.cer", der, mode=0o600)


def forget(authority: Authority) -> None:
    """Of an authority that was ended nothing is kept (R17)."""
    shutil.rmtree(_folder(authority), ignore_errors=True)


def unknown(authority: Authority) -> Iterator[tuple[str, x509.Certificate]]:
    """Serial and certificate of what `authority` signed and the database does not know."""
    for files in batched(sorted(_folder(authority).glob("*/*.cer")), BATCH):
        serials = [file.stem for file in files]
        known = set(
            Issuance.objects.filter(authority=authority, serial__in=serials).values_list("serial", flat=True)
        )
        for file in files:
            if file.stem not in known and (certificate := _read(file, authority)):
                yield file.stem, certificate


def _folder(authority: Authority) -> Path:
    return Path(settings.DATA) / "issued" / authority.public_id


def _read(file: Path, authority: Authority) -> x509.Certificate | None:
    """None for what this authority did not sign under this name: anybody could have put it there."""
    try:
        certificate = x509.load_der_x509_certificate(file.read_bytes())
        certificate.verify_directly_issued_by(
            x509.load_der_x509_certificate(bytes(authority.certificate or b""))
        )
    except (ValueError, TypeError, InvalidSignature):
        return None
    return certificate if serial_hex(certificate.serial_number) == file.stem else None
