"""The lists that tell clients what was revoked, and the files that they fetch.

A list is built and signed outside of any lock, then stored if nobody stored one meanwhile; what a revocation
changes is counted, so that every list knows how far it is true. A file follows its row: after a crash in
between the sweep writes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, Max, Value, When

from hanaper.apps.authority.keystores import KeystoreUnavailable, keystore
from hanaper.apps.authority.linting import refuse_findings
from hanaper.apps.authority.locks import lock_authority
from hanaper.apps.authority.models import Authority, Issuance, RevocationList, Tombstone
from hanaper.apps.authority.services.list_entries import all_entries, changed_entries
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.x509.crl import RevokedEntry, assemble_crl, prepare_crl
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.linting import lint_crl_natively
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.files import one_at_a_time, write_atomically
from hanaper.storage.logs import logger

log = logger(__name__)

# A new list is published every day, and at once on a revocation.
EVERY = timedelta(days=1)
KEPT = 10
# A list with that many entries takes seconds to build: the sweep does it, not whoever revokes, and for
# changes alone no more often than that. In between its delta, its shards and OCSP have them.
LARGE, SELDOM = 20_000, timedelta(minutes=1)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The lists to be made for one shard, or for everything: complete, its delta, or both, with one number.

    `before`: the newest complete list; `delta_before`: the newest delta.
    """

    shard: int | None
    number: int
    complete: bool
    delta: bool
    before: RevocationList | None
    delta_before: RevocationList | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be made from `authority` as it was read, and when something is due again."""

    authority: Authority
    wanted: list[_Wanted]
    due_at: datetime | None


def publish_crl(authority: Authority, *, at: datetime, final: bool = False) -> RevocationList:
    """Sign and put out the list of everything revoked and not expired, and those of the shards, and deltas,
    that changed or are due; the newest list of everything. `final`: the last ones, good for as long as the
    authority.
    """
    _publish(authority, at=at, final=final, large=True)
    rows = RevocationList.objects.filter(authority=authority, shard=None, base=None, newest=True)
    return rows.get()


def publish_soon(authority: Authority, *, at: datetime) -> None:
    """After a revocation: whatever is small goes out now, a large list with the next round of the sweep, and
    so does every list while the store of the key does not answer."""
    try:
        _publish(authority, at=at, final=False, large=False)
    except KeystoreUnavailable as refusal:
        log.warning("list_waits", authority=authority.public_id, reason=refusal.message)


def _publish(authority: Authority, *, at: datetime, final: bool, large: bool) -> None:
    refuse_in_recovery()
    for _ in range(_TRIES):  # whoever comes second finds what the first has published, and adds to it
        if _ends(authority):
            Authority.objects.filter(pk=authority.pk).update(crl_due_at=None)
            return
        plan = _plan(Authority.objects.get(pk=authority.pk), at, final=final, large=large)
        signed = [one for wanted in plan.wanted for one in _signed(plan.authority, wanted, at, final)]
        if not _stored(plan, signed, at):
            continue
        crashpoint("authority.crl.before_publish")
        for one in signed:
            put_out(one)
        crashpoint("authority.crl.after_publish")
        return


def _plan(authority: Authority, at: datetime, *, final: bool, large: bool) -> _Plan:
    """Of everything a list is always made, of a shard if it changed or its list is as old as it may get."""
    rows = authority.revocation_lists.filter(newest=True).defer("der").select_related("base")
    newest = {(row.shard, row.base_id is not None): row for row in rows.defer("der", "base__der")}
    changed = _changed(authority, [row for row in newest.values() if row.base_id is None])
    every = _every(authority)
    wanted: list[_Wanted] = []
    due_at = None if final else at + every
    for shard in authority.scopes:
        before = newest.get((shard, False))
        dirty = before is None or shard in changed
        aged = before is None or before.this_update <= at - every
        complete = final or shard is None or dirty or aged
        if complete and before is not None and before.entries >= LARGE and not final:
            rested = before.this_update + (SELDOM if dirty else every)
            complete = large and at >= rested
            if not complete and due_at is not None:
                due_at = min(due_at, max(at, rested))
        delta = authority.delta and (complete or dirty)
        if complete or delta:
            number = authority.crl_number + len(wanted) + 1
            delta_before = newest.get((shard, True))
            wanted.append(_Wanted(shard, number, complete, delta, before, delta_before))
    return _Plan(authority, wanted, due_at)


def _changed(authority: Authority, lists: list[RevocationList]) -> set[int | None]:
    """The shards with a change that their newest list does not know; None: there is one at all."""
    known = {row.shard: row.changes for row in lists}
    since = min(known.values(), default=0)
    if authority.changes <= since:
        return set()
    rows = Issuance.objects.filter(authority=authority, changed__gt=since).values_list("shard")
    last: dict[int | None, int] = dict(rows.annotate(last=Max("changed")).values_list("shard", "last"))
    last[None] = authority.changes
    return {shard for shard, change in last.items() if change > known.get(shard, 0)}


def _every(authority: Authority) -> timedelta:
    """How often a list is made anew: well before clients throw the one before away."""
    return min(EVERY, timedelta(days=authority.list_days) / 2)


def _signed(authority: Authority, wanted: _Wanted, at: datetime, final: bool) -> list[RevocationList]:
    """Signed and not stored. A delta tells what changed since the complete list of a day before: a client
    that fetches one list a day needs no other. The first has nothing before it but its own complete list."""
    until = at + timedelta(days=authority.list_days)
    # Last ones are made even after the authority's own end.
    end = max(until, authority.not_after)
    made = []
    complete = wanted.before
    if wanted.complete:
        freshest = authority.list_address(wanted.shard, delta=True) if authority.delta else None
        entries = all_entries(authority, wanted.shard, at)
        complete = _list(authority, wanted, entries, at, end if final else until, freshest=freshest)
        made.append(complete)
    if wanted.delta and complete is not None:
        base = wanted.before or complete
        former = wanted.delta_before.base if wanted.delta_before is not None else None
        if former is not None and former.this_update > at - _every(authority):
            base = former
        last = end if final else min(until, at + 2 * _every(authority))
        made.append(_list(authority, wanted, changed_entries(authority, base, at), at, last, base=base))
    return made


def _list(
    authority: Authority,
    wanted: _Wanted,
    entries: Iterable[RevokedEntry],
    at: datetime,
    until: datetime,
    *,
    base: RevocationList | None = None,
    freshest: str | None = None,
) -> RevocationList:
    prepared = prepare_crl(
        Issuer.of_certificate(bytes(authority.certificate or b"")),
        number=wanted.number,
        this_update=at,
        next_update=until,
        entries=entries,
        # A list of everything stands for any other, and without this critical extension NSS takes it too.
        distribution_point=None if wanted.shard is None else authority.list_address(wanted.shard),
        base=None if base is None else base.number,
        freshest=freshest,
    )
    refuse_findings(lint_crl_natively(prepared, Rulebook(authority.rulebook)))
    signature = keystore(authority.keystore).sign(
        authority.key_id, prepared.signature_algorithm, prepared.tbs
    )
    return RevocationList(
        authority=authority,
        shard=wanted.shard,
        base=base,
        number=prepared.number,
        changes=authority.changes,
        this_update=prepared.this_update,
        next_update=prepared.next_update,
        entries=prepared.entries,
        der=assemble_crl(prepared, signature),
    )


def _stored(plan: _Plan, signed: list[RevocationList], at: datetime) -> bool:
    """Whether the lists are stored: they are not if somebody stored newer ones since the authority was read,
    or has begun to end it.

    If something changed meanwhile, what was made is still newer than what was there, and the next is due.
    """
    authority = plan.authority
    unchanged = When(changes=authority.changes, then=Value(plan.due_at, output_field=DateTimeField()))
    with transaction.atomic():
        lock_authority(authority.pk)
        rows = Authority.objects.filter(pk=authority.pk, crl_number=authority.crl_number)
        if _ends(authority):
            return False
        number = authority.crl_number + len(plan.wanted)
        if not rows.update(crl_number=number, crl_due_at=Case(unchanged, default=Value(at))):
            return False
        for one in signed:
            of_its_kind = RevocationList.objects.filter(
                authority=authority, shard=one.shard, base__isnull=one.base is None
            )
            of_its_kind.filter(newest=True).update(newest=False, der=b"")
            one.save()
            kept = of_its_kind.order_by("-number").values_list("pk", flat=True)
            of_its_kind.filter(pk__in=list(kept[KEPT : KEPT + 100]), deltas=None).delete()
    return True


def _ends(authority: Authority) -> bool:
    """Whether its last list is out and some of what it names was deleted, which another would lack."""
    return Tombstone.objects.filter(authority=authority).exists()


def put_out(published: RevocationList) -> None:
    """Write the file of the newest list of its kind, `published` or one after it."""
    authority, delta = published.authority, published.base_id is not None
    path = crl_file(authority, published.shard, delta=delta)
    with one_at_a_time(path.parent):  # or a slower one would put an older list over a newer
        rows = RevocationList.objects.filter(
            authority=authority, shard=published.shard, base__isnull=not delta, newest=True
        )
        newest = rows.first()
        if newest is not None:
            write_atomically(path, bytes(newest.der))


def write_certificate(authority: Authority) -> None:
    write_atomically(certificate_file(authority), bytes(authority.certificate or b""))


def crl_file(authority: Authority, shard: int | None = None, *, delta: bool = False) -> Path:
    return Path(settings.PUBLISHED) / "crl" / authority.crl_name(shard, delta=delta)


def certificate_file(authority: Authority) -> Path:
    return Path(settings.PUBLISHED) / "ca" / f"{authority.public_id}.cer"
