"""The transcript of a ceremony: who decided what, when and from where; no line is ever changed."""

import hashlib
import json
from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import CeremonyEntry
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.transcripts import is_sound, text_of
from tests.apps.private_ca.ceremonies import *  # noqa: F403 - its fixtures
from tests.apps.private_ca.ceremonies import LATER, fresh, propose_enable
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_the_transcript_says_who_what_when_and_from_where(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    ceremony = propose_enable(owner.from_address("198.51.100.7"), root, at, years=3)
    ceremonies.approve(colleague.from_address("203.0.113.9").actor, ceremony, at=at + LATER)
    authority = fresh(root).authority
    assert authority is not None
    certificate = bytes(authority.certificate or b"")
    text = text_of(ceremony)
    for said in (
        owner.user.email,
        colleague.user.email,
        "198.51.100.7",
        "203.0.113.9",
        "2026-03-02T09:00:00.000000Z",
        "2026-03-02T09:05:00.000000Z",
        "common name: Example root",
        "years: 3",
        "keystore: database",
        hashlib.sha256(certificate).hexdigest(),
        authority.key_id,
        authority.public_id,
    ):
        assert said in text, said
    assert [entry.said["what"] for entry in ceremony.entries.order_by("position")] == [
        "proposed",
        "approved",
        "carried out",
    ]
    last = ceremony.entries.order_by("position").last()
    assert last is not None and text.endswith(f"SHA-256 over this transcript: {last.hash}\n")
    sealed = AuditEntry.objects.get(action="ceremony.carried_out")
    assert sealed.after["transcript"] == last.hash  # type: ignore[index]
    assert is_sound(ceremony)


def test_its_hash_can_be_computed_anywhere(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    ceremony = propose_enable(owner, root, at)
    entry = ceremony.entries.get()
    line = json.dumps(entry.said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert entry.hash == hashlib.sha256(f"{'0' * 64}\n1\n{line}".encode()).hexdigest()


def test_a_line_is_never_changed(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    propose_enable(owner, root, at)
    for change in (
        lambda: CeremonyEntry.objects.update(hash="x"),
        lambda: CeremonyEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
