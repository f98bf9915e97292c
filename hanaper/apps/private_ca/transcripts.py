"""The transcript of a ceremony: who decided what, when and from where, and what was made.

Lines are only ever added, each with SHA-256 over the hash before it, its position and its canonical JSON, as
the audit log is sealed. The audit log keeps the hash of each line, so that its chain seals the transcript.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hanaper import clock
from hanaper.apps.audit import chain
from hanaper.apps.authority.models import Authority
from hanaper.apps.private_ca.models.ceremonies import Ceremony, CeremonyEntry
from hanaper.core.actor import Actor
from hanaper.core.x509.algorithms import spki_of
from hanaper.core.x509.serials import serial_hex


def add_line(
    ceremony: Ceremony, actor: Actor, what: str, said: Mapping[str, Any], *, at: datetime
) -> CeremonyEntry:
    """The next line, in the caller's transaction; `what` is a word such as `proposed`."""
    last = ceremony.entries.order_by("-position").first()
    position, before = (last.position, last.hash) if last else (0, chain.GENESIS)
    line = {
        "ceremony": ceremony.public_id,
        "what": what,
        "at": chain.time_text(at),
        "by_the_machine's_clock": chain.time_text(clock.system_now()),
        "who": {
            "name": actor.name,
            "kind": actor.kind,
            "role": actor.account_role,
            "address": actor.address,
            "access_key": actor.access_key,
            "request": actor.request_id,
        },
        **said,
    }
    return CeremonyEntry.objects.create(
        ceremony=ceremony, position=position + 1, said=line, hash=link(before, position + 1, line)
    )


def link(before: str, position: int, said: Mapping[str, Any]) -> str:
    """The hash of a line after the hash `before`; of the first line, after 64 zeros."""
    return hashlib.sha256(f"{before}\n{position}\n".encode() + chain.canonical(said)).hexdigest()


def described(authority: Authority) -> dict[str, Any]:
    """What a transcript says of an authority that was made or is to be destroyed: its key and certificate."""
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate or b""))
    spki = spki_of(certificate.public_key())  # type: ignore[arg-type]
    return {
        "authority": authority.public_id,
        "key": {
            "keystore": authority.keystore,
            "id": authority.key_id,
            "algorithm": authority.algorithm,
            "sha256": hashlib.sha256(spki).hexdigest(),
        },
        "certificate": certificate_facts(certificate),
    }


def certificate_facts(certificate: x509.Certificate) -> dict[str, Any]:
    """What a transcript says of a certificate."""
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": serial_hex(certificate.serial_number),
        "not_before": chain.time_text(certificate.not_valid_before_utc),
        "not_after": chain.time_text(certificate.not_valid_after_utc),
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
    }


def is_sound(ceremony: Ceremony) -> bool:
    """Whether every line is as it was written."""
    before = chain.GENESIS
    for position, entry in enumerate(ceremony.entries.order_by("position"), start=1):
        before = link(before, position, entry.said)
        if (entry.position, entry.hash) != (position, before):
            return False
    return True


def text_of(ceremony: Ceremony) -> str:
    """The transcript for people, ending with the hash of its last line."""
    entries = list(ceremony.entries.order_by("position"))
    written = [f"Transcript of ceremony {ceremony.public_id}: {ceremony.operation} {ceremony.target}"]
    for entry in entries:
        written += ["", f"{entry.position}. {entry.said['what']}"]
        written += _lines({name: value for name, value in entry.said.items() if name != "what"}, "   ")
        written.append(f"   hash: {entry.hash}")
    written += ["", f"SHA-256 over this transcript: {entries[-1].hash if entries else chain.GENESIS}"]
    return "\n".join(written) + "\n"


def _lines(said: Mapping[str, Any], margin: str) -> Iterator[str]:
    """What has no value is left out: a reader misses nothing by it."""
    for name, value in said.items():
        words = name.replace("_", " ")
        if isinstance(value, Mapping):
            inner = list(_lines(value, margin + "  "))
            if inner:
                yield f"{margin}{words}:"
                yield from inner
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for one in value:
                yield f"{margin}{words}:"
                yield from _lines(one, margin + "  ")
        elif value not in (None, "", []):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{margin}{words}: {text}"
