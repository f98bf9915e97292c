from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.events.topics import Topic
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Event(models.Model):
    """The outbox: something happened, written in the transaction in which it did."""

    public_id = PublicIdField("evt")
    kind = models.CharField(max_length=64)
    # None: for the operators
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=128)  # the public id of what it is about
    at = models.DateTimeField()  # business time
    dedupe = models.CharField(max_length=200, unique=True)
    data = models.JSONField(default=dict)
    delivered_at = models.DateTimeField(null=True)  # system time: notice and letters are written

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(delivered_at=None), name="event_undelivered"),
            models.Index(fields=["account", "id"], name="event_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Notice(models.Model):
    """What an account (or, without one, the operators) reads about an event: exactly one per event."""

    public_id = PublicIdField("ntc")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="notice")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=128)
    title = models.CharField(max_length=300)
    text = models.TextField()
    at = models.DateTimeField()  # business time, of the event
    read_at = models.DateTimeField(null=True)  # business time

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at", "id"], name="notice_by_account"),
            models.Index(fields=["account", "id"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class Letter(models.Model):
    """An e-mail to one person about one notice.

    Mail cannot be sent exactly once. A letter is claimed by a lease, sent, then stamped; whoever dies in
    between sends it again after the lease, with the same Message-ID. Its row exists once per person.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="letters")
    # Whose language it is in; None: written before letters knew, or the person is gone.
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.EmailField()
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # system time of the next attempt; None: sent or given up
    sent_at = models.DateTimeField(null=True)  # system time
    fault = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "address"], name="letter_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(due_at=None), name="letter_sent_or_due"),
        ]
        indexes = [models.Index(F("due_at"), condition=Q(due_at__isnull=False), name="letter_due")]

    def __str__(self) -> str:
        return f"{self.notice} to {self.address}"


class NoticePreference(models.Model):
    """Somebody chose whether to get letters about a topic, in an account or (without one) as an operator.

    Who chose nothing gets what their role gets (`topics.BY_DEFAULT`).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_preferences")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    topic = models.CharField(max_length=20, choices=[(topic, topic) for topic in Topic])
    email = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account", "topic"], name="notice_preference_once"),
            # A unique constraint lets any number of rows without an account through.
            models.UniqueConstraint(
                fields=["user", "topic"],
                name="notice_preference_of_operator",
                condition=Q(account=None),
            ),
        ]
        indexes = [models.Index(fields=["account", "topic"], name="notice_preference_topic")]

    def __str__(self) -> str:
        return f"{self.topic}: {self.email}"
