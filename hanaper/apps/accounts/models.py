from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from hanaper.core.actor import AccountRole, StaffRole
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do hangs on memberships (customers) and staff roles (operators)."""

    public_id = PublicIdField("usr")
    email = models.EmailField(unique=True)  # kept in lower case
    name = models.CharField(max_length=200, blank=True, default="")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    # How they want to be shown things; empty: as the installation or the browser has it.
    language = models.CharField(max_length=10, blank=True, default="")
    theme = models.CharField(max_length=5, blank=True, default="")
    zone = models.CharField(max_length=50, blank=True, default="")

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.email


class Account(models.Model):
    """A customer: the wall around everything they own."""

    public_id = PublicIdField("acc")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    account_path = "id"
    objects = ScopedManager()

    def __str__(self) -> str:
        return str(self.public_id)


class Membership(models.Model):
    """A person's role in an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in AccountRole])

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="membership_once")]

    def __str__(self) -> str:
        return str(self.role)


class StaffMembership(models.Model):
    """A role of an operator; one person may have several."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_memberships")
    role = models.CharField(max_length=20, choices=[(role, role) for role in StaffRole])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="staff_role_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class AccessKey(models.Model):
    """A program's way in: acts for `user`, in `account` (or, without one, as the operator `user`).

    The secret is shown once and kept only as a hash. `last_used_at` is written in batches, to the minute.
    """

    public_id = PublicIdField("key")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="access_keys")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_keys")
    name = models.CharField(max_length=200)
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    def __str__(self) -> str:
        return str(self.public_id)


class IdempotencyRecord(models.Model):
    """A write that was asked for under an idempotency key, and its answer (accounts/idempotency.py)."""

    scope = models.CharField(max_length=64)  # the account's public id, or the operator
    key = models.CharField(max_length=255)
    input_hash = models.CharField(max_length=64)
    request_id = models.CharField(max_length=64)  # of the request that last began to run
    attempt = models.PositiveIntegerField(default=1)
    status = models.PositiveSmallIntegerField(null=True)  # None: under way
    body = models.TextField(null=True)
    created_at = models.DateTimeField(db_index=True)  # system time, as is the lease
    lease_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
