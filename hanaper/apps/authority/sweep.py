"""What is due and not done: lists to publish, responders to renew, files to write, dead signatures.

It also asks whether the stores of keys answer, for whoever watches and should not have to ask a token.
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet

from hanaper.apps.authority.keystores import (
    KeystoreUnavailable,
    every_keystore,
    keystore,
    stores_apart,
)
from hanaper.apps.authority.models import (
    Authority,
    CaCertificate,
    Issuance,
    IssuanceState,
    KeptAnswer,
    Responder,
    RevocationList,
)
from hanaper.apps.authority.queries import beat_of
from hanaper.apps.authority.services.certifying import finish_ca_certificate
from hanaper.apps.authority.services.issuing import SIGNING_LEASE, abandon
from hanaper.apps.authority.services.publishing import (
    certificate_file,
    crl_file,
    publish_crl,
    put_out,
    write_certificate,
)
from hanaper.apps.authority.services.responders import AHEAD, ensure_responder, retire, without_responder
from hanaper.apps.authority.services.responding import renew
from hanaper.apps.recovery.services import beat, in_recovery
from hanaper.core.errors import Refusal
from hanaper.storage.composed import composed
from hanaper.storage.logs import logger
from hanaper.storage.sweeping import each

log = logger(__name__)

BATCH = 200
UNUSED = timedelta(hours=1)
# Kept answers are made anew this long before anybody would have to wait for it, as long as somebody asked.
EARLY = timedelta(hours=1)
ASKED_WITHIN = timedelta(days=3)

# Published files that were compared with their rows: what was in them, and how the file looked then.
_compared: dict[Path, tuple[Hashable, int, int, int]] = {}


def sweep(at: datetime, system_at: datetime) -> int:
    """Publish lists that are due, write files that are missing or old; nothing is signed in recovery."""
    _probe(system_at)
    if in_recovery():
        return 0
    done = each(_stale.all(system_at - SIGNING_LEASE), lambda issuance: abandon(issuance, at=at))
    done += each(_unused_keys(system_at), _destroy)
    done += each(_due.all(at), lambda authority: _publish(authority, at))
    done += _responders(at)
    done += each(_begun.all(system_at - SIGNING_LEASE), _finish_certificate)
    made = Authority.objects.filter(certificate__isnull=False)
    done += each(made.only("public_id", "certificate").iterator(), _certificate)
    lists = RevocationList.objects.filter(newest=True).select_related("authority")
    lists = lists.defer("der", "authority__certificate")
    return done + each(lists.iterator(), _list)


@composed
def _stale(claimed_by: datetime) -> QuerySet[Issuance]:
    rows = Issuance.objects.filter(state=IssuanceState.SIGNING, claimed_at__lte=claimed_by)
    return rows.order_by("claimed_at")[:BATCH]


@composed
def _due(at: datetime) -> QuerySet[Authority]:
    rows = Authority.objects.filter(ended_at=None, certificate__isnull=False)
    return rows.filter(crl_due_at__lte=at, not_after__gt=at).order_by("crl_due_at")[:BATCH]


@composed
def _begun(begun_by: datetime) -> QuerySet[CaCertificate]:
    left = Q(begun_at=None) | Q(begun_at__lte=begun_by)
    return CaCertificate.objects.filter(left, der=None).order_by("pk")[:BATCH]


def _probe(system_at: datetime) -> None:
    """One that answers has its heart beating; one that does not is told by its age."""
    for name, store in stores_apart():
        try:
            store.probe()
        except KeystoreUnavailable as refusal:
            log.warning("keystore_silent", keystore=name, reason=refusal.message)
        else:
            beat(beat_of(name), system_at)


def _responders(at: datetime) -> int:
    """Name responders ahead of time, retire those that have ended, make kept answers anew or forget them."""
    done = each(_unanswered.all(at, at + AHEAD), lambda authority: ensure_responder(authority, at=at))
    done += each(_ended.all(at), retire)
    done += each(_asked.all(at + EARLY, at - ASKED_WITHIN), lambda kept: renew(kept, at=at))
    if over := _over.all(at):
        KeptAnswer.objects.filter(pk__in=over).delete()
    return done


@composed
def _unanswered(at: datetime, ahead: datetime) -> QuerySet[Authority]:
    return without_responder(at, ahead)[:BATCH]


@composed
def _ended(at: datetime) -> QuerySet[Responder]:
    rows = Responder.objects.filter(certificate__isnull=False, not_after__lte=at)
    return rows.select_related("authority")[:BATCH]


@composed
def _asked(due_by: datetime, since: datetime) -> QuerySet[KeptAnswer]:
    due = KeptAnswer.objects.filter(final=False, due_at__lte=due_by).order_by("due_at")
    return due.filter(asked_at__gt=since).select_related("authority")[:BATCH]


@composed
def _over(at: datetime) -> QuerySet[KeptAnswer, int]:
    return KeptAnswer.objects.filter(next_update__lte=at).values_list("pk", flat=True)[:BATCH]


def _finish_certificate(row: CaCertificate) -> bool:
    try:
        finish_ca_certificate(row)
    except Refusal:  # somebody else is at it, or it was given up
        return False
    return True


def _unused_keys(system_at: datetime) -> Iterator[tuple[str, str]]:
    """Keys of authorities that never came to be: the process died in between, or their making was refused."""
    used = Q(public_id__in=Authority.objects.values("key_id")) | Q(
        public_id__in=Responder.objects.values("key_id")
    )
    for name, store in every_keystore():
        unused = store.made_before(system_at - UNUSED).exclude(used)
        for key_id in unused.values_list("public_id", flat=True)[:BATCH]:
            yield name, key_id


def _destroy(key: tuple[str, str]) -> None:
    name, key_id = key
    keystore(name).destroy(key_id)


def _publish(authority: Authority, at: datetime) -> bool:
    try:
        publish_crl(authority, at=at)
    except KeystoreUnavailable as refusal:  # it stays due
        log.warning("list_waits", authority=authority.public_id, reason=refusal.message)
        return False
    return True


def _certificate(authority: Authority) -> bool:
    """Write the published file again if it is missing or differs; whether it was."""
    content = bytes(authority.certificate or b"")
    if _holds(certificate_file(authority), hash(content), lambda: content):
        return False
    write_certificate(authority)
    return True


def _list(newest: RevocationList) -> bool:
    path = crl_file(newest.authority, newest.shard, delta=newest.base_id is not None)
    if _holds(path, newest.number, lambda: bytes(newest.der)):
        return False
    put_out(newest)
    return True


def _holds(path: Path, what: Hashable, content: Callable[[], bytes]) -> bool:
    """Whether the file has the content. Compared once: while nobody touches it, a look at it is enough."""
    try:
        found = path.stat()
        seen = (what, found.st_mtime_ns, found.st_size, found.st_ino)
        if _compared.get(path) == seen:
            return True
        if path.read_bytes() != content():
            return False
    except FileNotFoundError:
        return False
    _compared[path] = seen
    return True
