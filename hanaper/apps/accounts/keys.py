"""Access keys: how a program shows who it acts for.

What is presented is `key_....secret`. The secret is 256 bits from the CSPRNG, so one SHA-256 keeps it as
safe as a slow hash would, without making every request slow.
"""

import hashlib
import hmac
import math
import secrets
import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from hanaper import clock
from hanaper.apps.accounts.models import AccessKey, Account, Membership, StaffMembership
from hanaper.core.actor import AccountRole, Actor, ActorKind, StaffRole
from hanaper.core.errors import RateLimited, Unauthenticated
from hanaper.storage.composed import composed
from hanaper.storage.limits import TokenBuckets

STAMP_EVERY = timedelta(minutes=1)

_requests = TokenBuckets(settings.RATE_LIMIT_PER_MINUTE)
_failures = TokenBuckets(per_minute=30)  # wrong keys from one address
_no_hash = hashlib.sha256(b"").hexdigest()
_stamped: dict[str, float] = {}
_stamping = threading.Lock()


def new_secret() -> tuple[str, str]:
    """A fresh secret and the hash that is kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(
    presented: str, *, address: str | None, request_id: str | None
) -> tuple[Actor, Account | None]:
    """Whoever stands behind a key that was presented, with their role of this moment.

    Raises `Unauthenticated` (`access_key_unknown`, `access_key_revoked`, `access_key_dead` when its person
    left or was locked out) and `RateLimited` (too many requests of the key, or wrong keys of the address).
    """
    wait = _failures.wait(address or "")
    if wait:
        raise _too_many("Too many wrong access keys from this address.", wait)
    try:
        key = _read(presented)
        actor = _actor(key, address, request_id)
    except Unauthenticated:
        _failures.take(address or "")
        raise
    wait = _requests.take(key.public_id)
    if wait:
        raise _too_many("Too many requests with this access key.", wait)
    return actor, key.account


def _read(presented: str) -> AccessKey:
    public_id, _, secret = presented.partition(".")
    sound = presented.isascii() and presented.isprintable() and len(presented) <= 200
    key = _presented.first(public_id) if sound else None
    known = key.secret_hash if key is not None else _no_hash
    if not hmac.compare_digest(known, hash_secret(secret) if sound else "") or key is None:
        raise Unauthenticated(
            "This access key is not known.",
            code="access_key_unknown",
            next_steps=[
                "Check the key; it looks like key_....secret.",
                "Make another in the console, under Access keys.",
            ],
        )
    if key.revoked_at is not None:
        raise Unauthenticated(
            "This access key was revoked.",
            code="access_key_revoked",
            next_steps=["Make another in the console, under Access keys."],
        )
    return key


@composed
def _presented(public_id: str) -> QuerySet[AccessKey]:
    return AccessKey.objects.select_related("user", "account").filter(public_id=public_id)


@composed
def _role(account_pk: int, user_pk: int) -> QuerySet[Membership, str]:
    return Membership.objects.filter(account=account_pk, user=user_pk).values_list("role", flat=True)


@composed
def _staff_roles(user_pk: int) -> QuerySet[StaffMembership, str]:
    return StaffMembership.objects.filter(user=user_pk).values_list("role", flat=True)


def _actor(key: AccessKey, address: str | None, request_id: str | None) -> Actor:
    user = key.user
    role: AccountRole | None = None
    staff_roles: frozenset[StaffRole] = frozenset()
    if key.account_id is not None:
        found = _role.first(key.account_id, user.pk)
        role = AccountRole(found) if found else None
    else:
        staff_roles = frozenset(StaffRole(name) for name in _staff_roles.all(user.pk))
    if not user.is_active or (role is None and not staff_roles):
        raise Unauthenticated(
            "The person whose key this is may not act here any more.",
            code="access_key_dead",
            next_steps=["Ask an owner of the account for another key."],
        )
    return Actor(
        kind=ActorKind.CUSTOMER if role else ActorKind.OPERATOR,
        name=user.email,
        account_id=key.account_id,
        account_role=role,
        staff_roles=staff_roles,
        user_id=user.pk,
        access_key=key.public_id,
        address=address,
        request_id=request_id,
    )


def _too_many(message: str, wait: float) -> RateLimited:
    seconds = max(1, math.ceil(wait))
    return RateLimited(message, next_steps=[f"Wait {seconds} s."], details={"retry_after": seconds})


def stamp_use(public_id: str) -> None:
    """Note that a key was used: at most one write a minute and key, outside the request's transactions."""
    now = time.monotonic()
    with _stamping:
        if now - _stamped.get(public_id, -math.inf) < STAMP_EVERY.total_seconds():
            return
        if len(_stamped) > 10_000:
            _stamped.clear()
        _stamped[public_id] = now
    at: datetime = clock.system_now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=at - STAMP_EVERY)
    AccessKey.objects.filter(stale, public_id=public_id).update(last_used_at=at)


def reset_limits() -> None:
    """For tests: forget every count and stamp of this process."""
    _requests.clear()
    _failures.clear()
    _stamped.clear()
