"""Questions that clients of OCSP ask, and what they read in the answer."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from cryptography.x509 import ocsp

from hanaper.apps.authority.models import Authority, Issuance
from hanaper.apps.authority.services import answer
from hanaper.core.x509 import der
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.ocsp_requests import IdHash, certificate_id

NONCE = bytes.fromhex("06092b0601050507300102")  # id-pkix-ocsp-nonce


@pytest.fixture
def no_full_lint(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is issued here has shapes that other tests lint in full, which takes seconds."""
    monkeypatch.setattr("hanaper.apps.authority.linting.lint_apart", lambda *_: [])


def question(
    authority: Authority,
    serials: Sequence[int | str],
    *,
    using: IdHash = IdHash.SHA1,
    nonce: bytes | None = None,
    critical: bytes = b"",
) -> bytes:
    """A request about certificates of `authority`, by their serials."""
    issuer = Issuer.of_certificate(bytes(authority.certificate or b""))
    numbers = [int(one, 16) if isinstance(one, str) else one for one in serials]
    singles = [der.encode(0x30, certificate_id(issuer, one, using).encoded) for one in numbers]
    extensions = b""
    if nonce is not None:
        extensions += der.encode(0x30, NONCE + der.encode(0x04, der.encode(0x04, nonce)))
    if critical:
        extensions += der.encode(0x30, critical + b"\x01\x01\xff" + der.encode(0x04, b"\x05\x00"))
    tbs = der.encode(0x30, b"".join(singles))
    if extensions:
        tbs += der.encode(0xA2, der.encode(0x30, extensions))
    return der.encode(0x30, der.encode(0x30, tbs))


def asked(
    authority: Authority, serials: Sequence[int | str], at: datetime, **more: object
) -> ocsp.OCSPResponse:
    found = answer(authority.public_id, question(authority, serials, **more), at=at)  # type: ignore[arg-type]
    assert found is not None
    return ocsp.load_der_ocsp_response(found.der)


def status_of(issuance: Issuance, at: datetime, **more: object) -> str:
    """In the words of RFC 6960."""
    return asked(issuance.authority, [issuance.serial], at, **more).certificate_status.name.lower()
