"""The words and numbers of webhooks."""

from datetime import timedelta
from enum import StrEnum

from hanaper.apps.events.topics import TOPIC_OF, Topic
from hanaper.apps.events.vocabulary import EventKind

MOST_ENDPOINTS = 10  # of one account
MOST_SHOWN = 500  # characters of an answer that are kept
LONGEST_URL = 2_000
LONGEST_DESCRIPTION = 200

LEASE = timedelta(minutes=2)  # of a delivery being sent; longer than an address is waited for
KEPT = timedelta(days=90)  # deliveries that ended
FORGOTTEN_AT_ONCE = 500  # of one round of a sweep
ANSWER_SECONDS = 10.0
SIDE_BY_SIDE = 16  # calls at once, one for each endpoint

# How long to wait after the first, second ... try that failed; the schedule that the Standard Webhooks
# specification recommends. After the last one it is given up, a little more than three days after the first.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# An endpoint that fails rests before anything else is sent to it: it must not hold up the others.
LONGEST_REST = timedelta(minutes=5)
# An endpoint that has answered nothing well for so long is disabled.
DISABLED_AFTER = timedelta(days=5)
# The secret before a rotation signs too for so long, so that a receiver can change over.
BOTH_SECRETS = timedelta(hours=24)

SECRET_PURPOSE = "webhook signing"  # noqa: S105 - what the secret is for

# What is told of webhooks is not sent by webhooks: the news that one fails would fail as well.
NOT_SENT = frozenset({EventKind.WEBHOOK_GIVEN_UP, EventKind.WEBHOOK_DISABLED})
# What an endpoint may choose from: what is told to accounts, for what operators are told goes to nobody else.
CHOICES = tuple(
    kind.value
    for kind in EventKind
    if kind not in NOT_SENT | {EventKind.WEBHOOK_TEST} and TOPIC_OF[kind] is not Topic.OPERATORS
)


class DeliveryState(StrEnum):
    PENDING = "pending"  # not tried yet
    FAILED = "failed"  # tried, and tried again when it is due
    DELIVERED = "delivered"  # answered with a status of 2xx
    GIVEN_UP = "given_up"  # not tried again unless somebody asks for it


OPEN = (DeliveryState.PENDING, DeliveryState.FAILED)


class DisabledBecause(StrEnum):
    OWNER = "owner"
    FAILING = "failing"  # for days
    GONE = "gone"  # it answered 410, which asks for no more
