"""Reading accounts, members, keys and operators."""

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from hanaper.apps.accounts.models import AccessKey, Account, Membership, StaffMembership, User
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole
from hanaper.core.errors import NotFound


def accounts(actor: Actor) -> QuerySet[Account]:
    """Every account that `actor` may see."""
    return Account.objects.visible_to(actor)


def account(actor: Actor, public_id: str) -> Account:
    """The account, if `actor` may see it."""
    return Account.objects.get_visible(actor, public_id, what="account")


def accounts_found(actor: Actor, text: str) -> QuerySet[Account]:
    """For operators: accounts by id, by the beginning of their name or of a member's e-mail address."""
    rows: QuerySet[Account] = Account.objects.visible_to(actor)
    if not text:
        return rows
    members = Membership.objects.filter(user__email__istartswith=text).values("account")
    return rows.filter(Q(public_id=text) | Q(name__istartswith=text) | Q(pk__in=members))


def members_of(account: Account) -> QuerySet[Membership]:
    return Membership.objects.filter(account=account).select_related("user", "account")


def keys_for(actor: Actor) -> QuerySet[AccessKey]:
    """An owner sees every key of the account, other members their own, operators the operators' keys."""
    rows: QuerySet[AccessKey] = AccessKey.objects.select_related("user", "account")
    if actor.kind is ActorKind.OPERATOR:
        return rows.filter(account=None)
    if actor.account_id is None or actor.user_id is None:
        return rows.none()
    rows = rows.filter(account_id=actor.account_id)
    return rows if actor.account_role is AccountRole.OWNER else rows.filter(user_id=actor.user_id)


def key_for(actor: Actor, public_id: str) -> AccessKey:
    """One of `keys_for`; `NotFound` for every other."""
    key = keys_for(actor).filter(public_id=public_id).first()
    if key is None:
        raise NotFound(f"There is no access key {public_id!r} here.", code="access_key_not_found")
    return key


def user_by_id(public_id: str) -> User:
    user = User.objects.filter(public_id=public_id).first()
    if user is None:
        raise NotFound(f"There is nobody with the id {public_id!r}.", code="user_not_found")
    return user


def user_by_email(email: str) -> User:
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise NotFound("Nobody with this e-mail address has signed up here.", code="user_not_found")
    return user


def memberships_of(user: User) -> QuerySet[Membership]:
    """The accounts somebody is in, oldest first."""
    return Membership.objects.filter(user=user).select_related("account", "user").order_by("pk")


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for a code too."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def staff() -> QuerySet[StaffMembership]:
    return StaffMembership.objects.select_related("user")


def actor_in(
    user: User,
    account: Account | None,
    *,
    address: str | None,
    request_id: str | None,
    role: AccountRole | None = None,
) -> Actor:
    """A person at a browser, in `account` or, without one, as an operator; `NotFound` if they are neither.

    `role`: theirs in the account, if it was just read.
    """
    if account is not None and role is None:
        found = Membership.objects.filter(account=account, user=user).values_list("role", flat=True).first()
        role = AccountRole(found) if found else None
    staff_roles: frozenset[StaffRole] = frozenset() if account else staff_roles_of(user)
    if role is None and not staff_roles:
        raise NotFound("There is no such account.", code="account_not_found")
    return Actor(
        kind=ActorKind.CUSTOMER if role else ActorKind.OPERATOR,
        name=user.email,
        account_id=account.pk if account else None,
        account_role=role,
        staff_roles=staff_roles,
        user_id=user.pk,
        address=address,
        request_id=request_id,
    )


def staff_roles_of(user: User) -> frozenset[StaffRole]:
    roles = StaffMembership.objects.filter(user=user).values_list("role", flat=True)
    return frozenset(StaffRole(role) for role in roles)


def person_near(actor: Actor, public_id: str) -> User:
    """A fellow member of the actor's account, or a fellow operator; `NotFound` for everybody else."""
    people = User.objects.filter(public_id=public_id)
    if actor.account_id is not None:
        people = people.filter(memberships__account_id=actor.account_id)
    elif actor.kind is ActorKind.OPERATOR:
        people = people.filter(staff_memberships__isnull=False)
    else:
        people = people.none()
    user = people.first()
    if user is None:
        raise NotFound(f"There is no member {public_id!r} here.", code="member_not_found")
    return user
