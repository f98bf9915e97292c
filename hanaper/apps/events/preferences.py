"""Which letters somebody wants: chosen by topic, in each account for itself, else by their role."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from hanaper.apps.accounts.models import Account, Membership, StaffMembership, User
from hanaper.apps.audit.services import record
from hanaper.apps.audit.vocabulary import AuditAction
from hanaper.apps.events.models import Event, NoticePreference
from hanaper.apps.events.topics import BY_DEFAULT, STAFF_OF, Topic, topic_of, topics_of
from hanaper.apps.events.vocabulary import EventKind
from hanaper.core.actor import AccountRole, Actor, StaffRole
from hanaper.core.errors import Forbidden, InvalidInput


def preferences_of(user: User, account: Account | None) -> dict[Topic, bool]:
    """Whether `user` gets letters about each topic; `account` None: as an operator."""
    role = None
    if account is not None:
        role = Membership.objects.filter(account=account, user=user).values_list("role", flat=True).first()
    chosen = dict(NoticePreference.objects.filter(user=user, account=account).values_list("topic", "email"))
    account_id = None if account is None else account.pk
    return {topic: chosen.get(topic, _by_default(role, topic)) for topic in topics_of(account_id)}


def own_preferences(actor: Actor, account: Account | None) -> dict[Topic, bool]:
    """What the actor gets in the account they act in."""
    return preferences_of(_person(actor, account), account)


def set_preference(
    actor: Actor, account: Account | None, topic: Topic, *, email: bool, at: datetime
) -> dict[Topic, bool]:
    """The actor chooses for themself, in the account they act in; all their choices there.

    Whatever their role: they may read the account's notices anyhow.
    """
    account_id = None if account is None else account.pk
    user = _person(actor, account)
    if topic not in topics_of(account_id):
        raise InvalidInput(f"There is no topic {topic.value!r} here.", field="topic", code="unknown_topic")
    before = preferences_of(user, account)
    if before[topic] == email:
        return before
    with transaction.atomic():
        NoticePreference.objects.update_or_create(
            user=user, account=account, topic=topic, defaults={"email": email}
        )
        record(
            actor,
            AuditAction.NOTICE_PREFERENCE_SET,
            user.public_id,
            at=at,
            account_id=account_id,
            before={"topic": topic, "email": before[topic]},
            after={"topic": topic, "email": email},
        )
    return {**before, topic: email}


def _person(actor: Actor, account: Account | None) -> User:
    if actor.user_id is None or actor.account_id != (None if account is None else account.pk):
        raise Forbidden("Letters are chosen by whoever gets them.", code="own_preferences_only")
    return User.objects.get(pk=actor.user_id)


def readers_of(event: Event) -> list[User]:
    """Who gets a letter about it: members who want it; of operators those whose role it concerns."""
    topic = topic_of(event.kind, event.account_id)
    refused, wanted = _chosen(event, topic)
    people = User.objects.filter(is_active=True)
    if event.account_id is None:
        roles = {StaffRole.ADMINISTRATOR}
        if event.kind in set(EventKind) and EventKind(event.kind) in STAFF_OF:
            roles.add(STAFF_OF[EventKind(event.kind)])
        staff = StaffMembership.objects.filter(role__in=roles).values("user")
        people = people.filter(pk__in=staff).exclude(pk__in=refused)
    else:
        roles_told = [role for role in AccountRole if _by_default(role, topic)]
        members = Membership.objects.filter(account_id=event.account_id)
        told = members.filter(Q(role__in=roles_told) | Q(user__in=wanted)).exclude(user__in=refused)
        people = people.filter(pk__in=told.values("user"))
    return list(people.order_by("email"))


def _chosen(event: Event, topic: Topic | None) -> tuple[list[int], list[int]]:
    """Who said no, and who said yes."""
    rows = NoticePreference.objects.filter(topic=topic or "")
    rows = rows.filter(account=None) if event.account_id is None else rows.filter(account_id=event.account_id)
    chosen = dict(rows.values_list("user", "email"))
    return [pk for pk, email in chosen.items() if not email], [pk for pk, email in chosen.items() if email]


def _by_default(role: str | None, topic: Topic | None) -> bool:
    if topic is Topic.OPERATORS:
        return True
    if role is None:
        return False
    if topic is None:
        return AccountRole(role) is AccountRole.OWNER
    return topic in BY_DEFAULT[AccountRole(role)]
