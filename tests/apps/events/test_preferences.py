"""Who gets a letter: by role, unless they chose otherwise; each for themself, in each account for itself."""

import pytest
from django.core import mail

from hanaper import clock
from hanaper.apps.accounts.models import Membership
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.events.models import NoticePreference
from hanaper.apps.events.preferences import preferences_of, set_preference
from hanaper.apps.events.services import emit
from hanaper.apps.events.sweep import sweep
from hanaper.apps.events.topics import ACCOUNT_TOPICS, STAFF_OF, TOPIC_OF, Topic
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.core.errors import Forbidden, InvalidInput

pytestmark = pytest.mark.django_db
K = EventKind
OWNER, COLLEAGUE, READER = "owner@example.com", "colleague@example.com", "reader@example.com"


@pytest.fixture
def letters(at):
    def sent(kind, account):
        mail.outbox.clear()
        emit(
            kind,
            account_id=account and account.pk,
            subject="crt_x",
            at=at,
            dedupe=f"{kind}{clock.system_now()}",
            data={},
        )
        sweep(at, clock.system_now())
        return [message.to[0] for message in mail.outbox]

    return sent


def test_every_kind_has_a_topic():
    assert set(TOPIC_OF) == set(EventKind)
    assert all(TOPIC_OF[kind] is Topic.OPERATORS for kind in STAFF_OF)
    assert set(TOPIC_OF.values()) == set(Topic)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (K.VALIDATION_NEEDED, [COLLEAGUE, OWNER]),
        (K.CERTIFICATE_ISSUED, [COLLEAGUE, OWNER]),
        (K.CERTIFICATE_FAILED, [COLLEAGUE, OWNER]),
        (K.CERTIFICATE_EXPIRING, [COLLEAGUE, OWNER]),
        (K.CERTIFICATE_REVOKED, [OWNER]),
        (K.REFUND_WINDOW_CLOSING, [OWNER]),
        (K.REFUND_SUCCEEDED, [OWNER]),
        (K.BALANCE_CREDITED, [OWNER]),
        (K.MEMBER_ADDED, [OWNER]),
        (K.WEBHOOK_DISABLED, [OWNER]),
    ],
)
def test_by_default(letters, account, colleague, reader, stranger, kind, told):
    assert letters(kind, account) == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (K.REVIEW_NEEDED, ["administrator", "reviewer"]),
        (K.REFUND_PROPOSED, ["administrator", "finance"]),
        (K.ISSUER_TROUBLE, ["administrator"]),
    ],
)
def test_operators_are_told_by_their_role(letters, owner, administrator, finance, reviewer, kind, told):
    assert letters(kind, None) == [f"{name}@hanaper.example" for name in told]


def test_somebody_says_no_and_somebody_yes(letters, account, owner, colleague, reader, at):
    set_preference(owner.actor, account, Topic.ISSUED, email=False, at=at)
    chosen = set_preference(reader.actor, account, Topic.ISSUED, email=True, at=at)
    assert chosen == preferences_of(reader.user, account)
    assert [topic for topic, email in chosen.items() if email] == [Topic.ISSUED]
    assert letters(K.CERTIFICATE_ISSUED, account) == [COLLEAGUE, READER]
    assert letters(K.CERTIFICATE_FAILED, account) == [COLLEAGUE, OWNER]
    set_preference(owner.actor, account, Topic.ISSUED, email=True, at=at)
    assert letters(K.CERTIFICATE_ISSUED, account) == [COLLEAGUE, OWNER, READER]


def test_an_operator_says_no(letters, administrator, reviewer, at):
    set_preference(reviewer.actor, None, Topic.OPERATORS, email=False, at=at)
    set_preference(reviewer.actor, None, Topic.OPERATORS, email=False, at=at)
    assert preferences_of(reviewer.user, None) == {Topic.OPERATORS: False}
    assert letters(K.REVIEW_NEEDED, None) == ["administrator@hanaper.example"]


def test_each_account_for_itself(letters, account, owner, stranger, at):
    Membership.objects.create(account=stranger.account, user=owner.user, role=AccountRole.OWNER)
    set_preference(owner.actor, account, Topic.MONEY, email=False, at=at)
    assert letters(K.ORDER_PAID, account) == []
    assert letters(K.ORDER_PAID, stranger.account) == [OWNER, "stranger@example.net"]


def test_who_left_gets_nothing_whatever_they_chose(letters, account, colleague, reader, at):
    set_preference(reader.actor, account, Topic.ISSUED, email=True, at=at)
    Membership.objects.filter(user=reader.user).delete()
    assert letters(K.CERTIFICATE_ISSUED, account) == [COLLEAGUE, OWNER]


def test_only_one_s_own(account, owner, stranger, reviewer, at):
    service = Actor(kind=ActorKind.CUSTOMER, name="nobody", account_id=account.pk)
    for actor, where in (
        (stranger.actor, account),
        (reviewer.actor, account),
        (owner.actor, None),
        (service, account),
    ):
        with pytest.raises(Forbidden):
            set_preference(actor, where, Topic.ISSUED, email=False, at=at)
    with pytest.raises(InvalidInput):
        set_preference(owner.actor, account, Topic.OPERATORS, email=False, at=at)
    with pytest.raises(InvalidInput):
        set_preference(reviewer.actor, None, Topic.ISSUED, email=False, at=at)
    assert NoticePreference.objects.count() == 0


def test_what_is_chosen_is_audited_once(account, owner, at):
    assert preferences_of(owner.user, account) == dict.fromkeys(ACCOUNT_TOPICS, True)
    for _ in range(2):
        set_preference(owner.actor, account, Topic.MONEY, email=False, at=at)
    (entry,) = AuditEntry.objects.filter(action="notice_preference.set")
    assert entry.after == {"topic": "money", "email": False} and entry.target == owner.user.public_id
    set_preference(owner.actor, account, Topic.EXPIRING, email=True, at=at)  # what it was
    assert NoticePreference.objects.count() == 1
