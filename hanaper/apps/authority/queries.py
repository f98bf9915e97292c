"""What faces read of authorities: for operators on the machine, and for whoever watches its health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q

from hanaper.apps.authority.keystores import KeystoreUnavailable, keystore, stores_apart
from hanaper.apps.authority.models import (
    RECOVERED,
    Authority,
    Issuance,
    IssuanceState,
    KeptAnswer,
    RevocationList,
)
from hanaper.apps.authority.services.responders import working_responder
from hanaper.apps.recovery.services import last_beat
from hanaper.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Overview:
    """An authority, its newest list, and how many certificates it signed and how many serials it revoked."""

    authority: Authority
    newest: RevocationList | None
    issued: int
    revoked: int


@dataclass(frozen=True, slots=True)
class ListSeen:
    """A list that clients fetch. `shard` None: of everything; `fresh`: clients still take it."""

    shard: int | None
    delta: bool
    address: str
    number: int
    entries: int
    this_update: datetime
    next_update: datetime
    fresh: bool


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """What an authority tells of what it issued: its newest lists, when the next are due, until when there is
    somebody to answer by OCSP (None: nobody), and how many answers are kept."""

    lists: tuple[ListSeen, ...]
    due_at: datetime | None
    responder_until: datetime | None
    kept_answers: int


def all_authorities() -> list[Authority]:
    """The oldest first."""
    return list(Authority.objects.order_by("pk"))


def built_in_authorities() -> list[Authority]:
    """Those of the built-in CA, the oldest first."""
    return list(Authority.objects.filter(role__isnull=False).order_by("pk"))


def authority_named(name: str) -> Authority:
    """By public id or role; NotFound."""
    rows = Authority.objects.select_related("parent")
    row = rows.filter(public_id=name).first() or rows.filter(role=name).first()
    if row is None:
        raise NotFound(f"There is no authority {name!r}.", code="authority_not_found")
    return row


def recovered(authority: Authority, at: datetime) -> list[Issuance]:
    """What was signed since a backup that was restored, is valid, and belongs to nothing that is known."""
    rows = Issuance.objects.filter(authority=authority, key__startswith=RECOVERED, revoked_at=None)
    return list(rows.filter(state=IssuanceState.SIGNED, not_after__gt=at).order_by("not_before", "pk"))


def overview(authority: Authority) -> Overview:
    issuances = Issuance.objects.filter(authority=authority)
    return Overview(
        authority,
        RevocationList.objects.filter(authority=authority, shard=None, base=None, newest=True).first(),
        issuances.filter(state=IssuanceState.SIGNED).count(),
        issuances.filter(revoked_at__isnull=False).count(),
    )


def newest_lists(authority: Authority) -> list[RevocationList]:
    """The newest complete list and the newest of each shard, without their bytes; the complete one first."""
    rows = RevocationList.objects.filter(authority=authority, base=None, newest=True).defer("der")
    return sorted(rows, key=lambda row: -1 if row.shard is None else row.shard)


def status_of(authority: Authority, at: datetime) -> StatusSeen:
    """For whoever watches it: without the bytes of the lists."""
    rows = RevocationList.objects.filter(authority=authority, newest=True).defer("der")
    lists = [
        ListSeen(
            shard=row.shard,
            delta=row.base_id is not None,
            address=authority.list_address(row.shard, delta=row.base_id is not None),
            number=row.number,
            entries=row.entries,
            this_update=row.this_update,
            next_update=row.next_update,
            fresh=at < row.next_update,
        )
        for row in rows
    ]
    lists.sort(key=lambda one: (-1 if one.shard is None else one.shard, one.delta))
    responder = working_responder(authority.pk, at)
    return StatusSeen(
        tuple(lists),
        authority.crl_due_at,
        None if responder is None else responder.not_after,
        KeptAnswer.objects.filter(authority=authority).count(),
    )


def missing_keys() -> list[tuple[Authority, str]]:
    """Authorities that can sign nothing now, each with why: their key is not in its store, as after a restore
    without the token, or the store does not answer."""
    found = []
    for authority in Authority.objects.exclude(key_id="").order_by("pk"):
        try:
            if not keystore(authority.keystore).holds(authority.key_id):
                found.append((authority, "It is not there."))
        except KeystoreUnavailable as refusal:
            found.append((authority, refusal.message))
    return found


def beat_of(keystore_name: str) -> str:
    """Under which name the heart of a store of keys beats."""
    return f"keystore {keystore_name}"


def keystores_heard() -> list[tuple[str, datetime | None]]:
    """Each store of keys outside the database, and when it last answered the sweep; system time."""
    return [(name, last_beat(beat_of(name))) for name, _ in stores_apart()]


def list_ages(at: datetime) -> Iterable[tuple[str | None, datetime | None, datetime | None]]:
    """Role, this update and next update of the list that ends first, for each authority whose lists go on."""
    newest = Q(revocation_lists__newest=True)
    # Last lists are never made again, nor need they be.
    going_on = Authority.objects.filter(certificate__isnull=False, not_after__gt=at)
    rows = going_on.filter(ended_at=None, crl_due_at__isnull=False).annotate(
        this_update=Min("revocation_lists__this_update", filter=newest),
        next_update=Min("revocation_lists__next_update", filter=newest),
    )
    return rows.values_list("role", "this_update", "next_update")


def responder_ends(at: datetime) -> Iterable[tuple[str | None, datetime | None]]:
    """Role, and until when there is somebody to answer, for each authority that answers by OCSP."""
    rows = Authority.objects.filter(ocsp=True, certificate__isnull=False, ended_at=None, not_after__gt=at)
    signed = Max("responders__not_after", filter=Q(responders__certificate__isnull=False))
    return rows.annotate(until=signed).values_list("role", "until")
