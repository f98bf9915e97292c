"""What `bench.status` measures: an authority that answers by OCSP, and one with half a million revocations.

Run as a process in an installation of its own; prints JSON, and leaves the key of the authority for the peer.
"""

import base64
import json
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from django.conf import settings

from bench.status import ENTRIES
from hanaper import clock
from hanaper.apps.authority import services
from hanaper.apps.authority.keystores.database import _unsealed
from hanaper.apps.authority.models import Authority, Issuance
from hanaper.core.x509.algorithms import KeyAlgorithm, spki_of
from hanaper.core.x509.certificates import LeafContents
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import Subject, to_name
from hanaper.core.x509.ocsp_requests import certificate_id
from hanaper.core.x509.serials import new_serial, serial_hex

BATCH = 5_000


def made(name: str, at: datetime, **choices: object) -> Authority:
    draft = services.AuthorityDraft(
        name=name,
        subject=Subject(common_name=name),
        algorithm=KeyAlgorithm.EC_P256,
        not_after=at + timedelta(days=3650),
        **choices,  # type: ignore[arg-type]
    )
    authority = services.make_authority(draft, None, at=at)
    services.come_out(authority, at=at)
    authority.refresh_from_db()
    return authority


def issued(authority: Authority, at: datetime) -> Issuance:
    spki = spki_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    contents = LeafContents(to_name(Subject(common_name="x")), (), key_identifier=True)
    issuance = services.prepare(
        authority, contents, spki=spki, not_before=at, not_after=at + timedelta(days=90),
        key=f"bench:{authority.public_id}", reference="", at=at,
    )  # fmt: skip
    return services.sign(issuance)


def revoked_by_the_thousand(authority: Authority, at: datetime) -> None:
    for begin in range(0, ENTRIES, BATCH):
        rows = []
        for turn in range(begin, begin + BATCH):
            serial = new_serial()
            rows.append(
                Issuance(
                    authority=authority,
                    serial=serial_hex(serial),
                    shard=authority.shard_of(serial),
                    state="signed",
                    key=f"{authority.pk}:{turn}",
                    reference="",
                    shape="",
                    tbs=b"",
                    certificate=b"x",
                    not_before=at,
                    not_after=at + timedelta(days=90),
                    prepared_at=at,
                    revoked_at=at - timedelta(seconds=turn % 50_000),
                    reason="keyCompromise",
                    changed=1,
                )
            )
        Issuance.objects.bulk_create(rows)
    Authority.objects.filter(pk=authority.pk).update(changes=1)


def main() -> None:
    at = clock.now()
    asked = made("Bench OCSP", at, ocsp=True)
    issuance = issued(asked, at)
    issuer = Issuer.of_certificate(bytes(asked.certificate or b""))
    one = certificate_id(issuer, int(issuance.serial, 16))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        one.issuer_name_hash, one.issuer_key_hash, one.serial, hashes.SHA1()
    )
    with_nonce = builder.add_extension(x509.OCSPNonce(b"n" * 32), critical=False)
    whole = made("Bench whole", at)
    revoked_by_the_thousand(whole, at)
    began = time.perf_counter()
    services.publish_crl(whole, at=clock.now())
    took = time.perf_counter() - began
    folder = Path(settings.DATA).parent
    key = _unsealed(asked.key_id).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.load_der_x509_certificate(issuer.certificate).public_bytes(Encoding.PEM)
    (folder / "key").write_bytes(key)
    (folder / "ca").write_bytes(certificate)
    (folder / "index").write_text(f"V\t351231235959Z\t\t{issuance.serial}\tunknown\t/CN=x\n")
    found = {
        "authority": asked.public_id,
        "plain": base64.b64encode(builder.build().public_bytes(Encoding.DER)).decode(),
        "nonce": base64.b64encode(with_nonce.build().public_bytes(Encoding.DER)).decode(),
        "whole": took,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
