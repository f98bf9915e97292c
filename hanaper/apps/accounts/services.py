"""Accounts, their members and their access keys; who is staff."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from hanaper.apps.accounts import keys
from hanaper.apps.accounts.locks import lock_account, lock_staff
from hanaper.apps.accounts.models import AccessKey, Account, Membership, StaffMembership, User
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole
from hanaper.core.errors import Forbidden, InvalidInput, NotFound, Refusal
from hanaper.storage import trail
from hanaper.storage.walls import require_staff


def create_account(actor: Actor, *, name: str, owner: User, at: datetime) -> Account:
    """A new account with `owner` as its first owner."""
    with transaction.atomic():
        account = Account.objects.create(name=_name(name), created_at=at)
        Membership.objects.create(account=account, user=owner, role=AccountRole.OWNER)
        after = {"name": account.name, "owner": owner.email}
        trail.record(actor, "account.created", account.public_id, at=at, account_id=account.pk, after=after)
    return account


def rename_account(actor: Actor, account: Account, *, name: str, at: datetime) -> Account:
    """Owners only."""
    _require_owner(actor, account)
    with transaction.atomic():
        account = lock_account(account.pk)
        before, account.name = account.name, _name(name)
        account.save(update_fields=["name"])
        trail.record(
            actor,
            "account.renamed",
            account.public_id,
            at=at,
            account_id=account.pk,
            before={"name": before},
            after={"name": account.name},
        )
    return account


def add_member(actor: Actor, account: Account, *, email: str, role: AccountRole, at: datetime) -> Membership:
    """Let somebody who signed up already into the account. Owners only."""
    _require_owner(actor, account)
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise InvalidInput(
            "Nobody with this e-mail address has signed up here.",
            field="email",
            code="user_unknown",
            next_steps=["Ask them to sign up at /accounts/signup/, then add them."],
        )
    with transaction.atomic():
        try:
            with transaction.atomic():
                member = Membership.objects.create(account=account, user=user, role=AccountRole(role))
        except IntegrityError:
            raise Refusal(
                f"{user.email} is a member already.",
                code="member_exists",
                next_steps=["Change their role instead."],
            ) from None
        trail.record(
            actor,
            "account.member_added",
            user.public_id,
            at=at,
            account_id=account.pk,
            after={"email": user.email, "role": member.role},
        )
    return member


def change_role(
    actor: Actor, account: Account, *, user_public_id: str, role: AccountRole, at: datetime
) -> Membership:
    """Give a member another role. Owners only; the last owner stays one (`last_owner`)."""
    _require_owner(actor, account)
    with transaction.atomic():
        member = _locked_member(account, user_public_id)
        before, member.role = member.role, AccountRole(role)
        if before == member.role:
            return member
        if before == AccountRole.OWNER:
            _refuse_last_owner(account, member)
        member.save(update_fields=["role"])
        trail.record(
            actor,
            "account.member_role_changed",
            user_public_id,
            at=at,
            account_id=account.pk,
            before={"role": before},
            after={"role": member.role},
        )
    return member


def remove_member(actor: Actor, account: Account, *, user_public_id: str, at: datetime) -> None:
    """Put a member out, or leave. Their keys in the account are revoked. The last owner cannot go."""
    with transaction.atomic():
        member = _removable(actor, account, user_public_id)
        before = {"email": member.user.email, "role": member.role}
        _keys_of(member).update(revoked_at=at)
        member.delete()
        trail.record(
            actor, "account.member_removed", user_public_id, at=at, account_id=account.pk, before=before
        )


def what_removal_ends(
    actor: Actor, account: Account, *, user_public_id: str
) -> tuple[Membership, list[AccessKey]]:
    """The membership and the keys that `remove_member` would end; refuses what it would refuse."""
    with transaction.atomic():
        member = _removable(actor, account, user_public_id)
        return member, list(_keys_of(member).order_by("pk"))


def create_access_key(
    actor: Actor, *, name: str, account: Account | None, at: datetime, user: User | None = None
) -> tuple[AccessKey, str]:
    """A key and its secret, which is never shown again.

    `account` None: an operator's key. `user`: whose it is, by default the actor's own; owners may make
    them for other members, administrators for other operators; others may make none.
    """
    if actor.kind is ActorKind.SYSTEM:
        pass
    elif account is None:
        require_staff(actor, StaffRole.ADMINISTRATOR)
    else:
        _require_owner(actor, account)
    name = _name(name)
    if user is None:
        if actor.user_id is None:
            raise ValueError("the service itself has no keys: say whose it is")
        user = User.objects.get(pk=actor.user_id)
    with transaction.atomic():
        _refuse_outsider(user, account)
        secret, secret_hash = keys.new_secret()
        key = AccessKey.objects.create(
            account=account, user=user, name=name, secret_hash=secret_hash, created_at=at
        )
        trail.record(
            actor,
            "access_key.created",
            key.public_id,
            at=at,
            account_id=account.pk if account else None,
            after={"name": name, "user": user.email},
        )
    return key, f"{key.public_id}.{secret}"


def revoke_access_key(actor: Actor, key: AccessKey, *, at: datetime) -> AccessKey:
    """End a key for good. Owners any of the account's, others their own; twice changes nothing."""
    if key.user_id != actor.user_id and actor.kind is not ActorKind.SYSTEM:
        if key.account is None:
            require_staff(actor, StaffRole.ADMINISTRATOR)
        else:
            _require_owner(actor, key.account)
    with transaction.atomic():
        if AccessKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at) == 1:
            trail.record(
                actor,
                "access_key.revoked",
                key.public_id,
                at=at,
                account_id=key.account_id,
                before={"name": key.name, "user": key.user.email},
            )
    key.refresh_from_db()
    return key


def grant_staff_role(actor: Actor, user: User, role: StaffRole, *, at: datetime) -> StaffMembership:
    """Make somebody an operator with `role`; once is enough. Administrators only."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        member, made = StaffMembership.objects.get_or_create(user=user, role=StaffRole(role))
        if made:
            after = {"email": user.email, "role": role.value}
            trail.record(actor, "staff.role_granted", user.public_id, at=at, after=after)
    return member


def withdraw_staff_role(actor: Actor, user: User, role: StaffRole, *, at: datetime) -> None:
    """Take a role from an operator. Administrators only; the last administrator stays one."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        _withdrawable(user, role).delete()
        before = {"email": user.email, "role": role.value}
        trail.record(actor, "staff.role_withdrawn", user.public_id, at=at, before=before)


def what_withdrawal_ends(
    actor: Actor, user: User, role: StaffRole
) -> tuple[list[StaffRole], list[AccessKey]]:
    """The roles that they would keep and, without any, the keys that would stop working; refuses what
    `withdraw_staff_role` would refuse."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    with transaction.atomic():
        _withdrawable(user, role)
        kept = StaffMembership.objects.filter(user=user).exclude(role=role).order_by("role")
        roles = [StaffRole(name) for name in kept.values_list("role", flat=True)]
        keys = AccessKey.objects.filter(user=user, account=None, revoked_at=None).order_by("pk")
        return roles, [] if roles else list(keys)


def _withdrawable(user: User, role: StaffRole) -> StaffMembership:
    held = lock_staff(role)
    mine = [member for member in held if member.user_id == user.pk]
    if not mine:
        raise NotFound("They do not have this role.", code="staff_role_not_found")
    if role is StaffRole.ADMINISTRATOR and len(held) == 1:
        raise Refusal(
            "Somebody must stay administrator.",
            code="last_administrator",
            next_steps=["Make another operator an administrator first."],
        )
    return mine[0]


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise InvalidInput("A name has 1 to 200 characters.", field="name", code="out_of_range")
    return name


def _require_owner(actor: Actor, account: Account) -> None:
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind is ActorKind.OPERATOR:
        require_staff(actor, StaffRole.ADMINISTRATOR)
    elif actor.account_id != account.pk or actor.account_role is not AccountRole.OWNER:
        raise Forbidden(
            "Only owners of the account may do this.",
            code="role_too_small",
            next_steps=["Ask an owner of the account."],
        )


def _locked_member(account: Account, user_public_id: str) -> Membership:
    # The account's row first: two owners who demote each other at once must not both succeed.
    lock_account(account.pk)
    member = (
        Membership.objects.select_related("user")
        .filter(account=account, user__public_id=user_public_id)
        .first()
    )
    if member is None:
        raise NotFound(f"There is no member {user_public_id!r} in this account.", code="member_not_found")
    return member


def _removable(actor: Actor, account: Account, user_public_id: str) -> Membership:
    member = _locked_member(account, user_public_id)
    if member.user_id != actor.user_id:
        _require_owner(actor, account)
    if member.role == AccountRole.OWNER:
        _refuse_last_owner(account, member)
    return member


def _keys_of(member: Membership) -> QuerySet[AccessKey]:
    """Those with which programs sign in for them in this account."""
    return AccessKey.objects.filter(account_id=member.account_id, user=member.user, revoked_at=None)


def _refuse_last_owner(account: Account, member: Membership) -> None:
    others = Membership.objects.filter(account=account, role=AccountRole.OWNER).exclude(pk=member.pk)
    if not others.exists():
        raise Refusal(
            "This is the account's last owner.",
            code="last_owner",
            next_steps=["Make another member an owner first."],
        )


def _refuse_outsider(user: User, account: Account | None) -> None:
    belongs = (
        Membership.objects.filter(account=account, user=user).exists()
        if account
        else StaffMembership.objects.filter(user=user).exists()
    )
    if not belongs or not user.is_active:
        raise InvalidInput(
            "A key can be made only for a member." if account else "A key can be made only for an operator.",
            field="user",
            code="not_a_member",
        )
