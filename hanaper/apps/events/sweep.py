"""Due work: events without a notice, and letters that are due."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from hanaper.apps.events import followers
from hanaper.apps.events.letters import message
from hanaper.apps.events.models import Event, Letter, Notice
from hanaper.apps.events.preferences import readers_of
from hanaper.apps.events.texts import text_of
from hanaper.storage.crashpoints import crashpoint
from hanaper.storage.logs import logger
from hanaper.storage.sweeping import each

log = logger(__name__)

BATCH = 200
LEASE = timedelta(minutes=5)  # a letter being sent; longer than a mail server is waited for
ATTEMPTS = 12


def sweep(at: datetime, system_at: datetime) -> int:  # noqa: ARG001 - the form of every sweep
    """Write notices and letters of new events, then send what is due; how many of both."""
    return deliver(system_at) + send_letters(system_at)


def deliver(system_at: datetime) -> int:
    """Make a notice, and letters, of each event that has none yet: one transaction an event."""
    due = Event.objects.filter(delivered_at=None).order_by("pk").values_list("pk", flat=True)
    return each(due[:BATCH], lambda pk: _deliver_one(pk, system_at))


def _deliver_one(pk: int, system_at: datetime) -> bool:
    with transaction.atomic():
        # Whoever's update counts one row delivers it; the unique event of a notice is the second bolt.
        if Event.objects.filter(pk=pk, delivered_at=None).update(delivered_at=system_at) != 1:
            return False
        event = Event.objects.get(pk=pk)
        title, text = text_of(event.kind, event.subject, event.data)
        notice = Notice.objects.create(
            event=event,
            account_id=event.account_id,
            kind=event.kind,
            subject=event.subject,
            title=title,
            text=text,
            at=event.at,
        )
        Letter.objects.bulk_create(
            Letter(notice=notice, user=user, address=user.email, due_at=system_at)
            for user in readers_of(event)
        )
        followers.follow(event, system_at)
        crashpoint("events.deliver.before_commit")
    return True


def send_letters(system_at: datetime) -> int:
    """Send what is due: claim by a lease, send outside any transaction, stamp. At least once."""
    sent = 0
    due = Letter.objects.filter(due_at__lte=system_at).order_by("due_at", "pk")
    for letter in list(due.select_related("notice__account", "notice__event", "user")[:BATCH]):
        claimed = Letter.objects.filter(pk=letter.pk, due_at=letter.due_at).update(
            due_at=system_at + LEASE, attempts=F("attempts") + 1
        )
        if claimed == 1:
            sent += _send(letter, system_at)
    return sent


def _send(letter: Letter, system_at: datetime) -> int:
    letter.refresh_from_db(fields=["attempts", "due_at"])
    crashpoint("events.letter.before_send")
    try:
        message(letter).send()
    except Exception as error:  # whatever the mail backend raises: another try later
        tired = letter.attempts >= ATTEMPTS
        later = None if tired else system_at + timedelta(minutes=min(2**letter.attempts, 360))
        Letter.objects.filter(pk=letter.pk, due_at=letter.due_at).update(
            due_at=later, fault=f"{type(error).__name__}: {error}"[:300]
        )
        log.warning("letter_not_sent", letter=letter.pk, attempts=letter.attempts, given_up=tired)
        return 0
    crashpoint("events.letter.after_send")
    Letter.objects.filter(pk=letter.pk, due_at=letter.due_at).update(due_at=None, sent_at=system_at, fault="")
    return 1
