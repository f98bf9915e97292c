from django.conf import settings
from django.db import models

from hanaper.apps.accounts.models import Account
from hanaper.core.actor import ActorKind
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class AuditEntry(models.Model):
    """Who did what to what, when (by both clocks) and from where. Append-only: triggers refuse the rest."""

    public_id = PublicIdField("aud")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()  # business time
    system_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in ActorKind])
    actor_name = models.CharField(max_length=300)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    access_key = models.CharField(max_length=40, null=True)
    address = models.CharField(max_length=64, null=True)
    request_id = models.CharField(max_length=64, null=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=128)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "id"], name="audit_by_account"),
            models.Index(fields=["target", "id"], name="audit_by_target"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["request_id"], name="audit_by_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class AuditSeal(models.Model):
    """One link of the chain: the hash over the one before and over an entry. Written by the sealer only."""

    position = models.BigIntegerField(primary_key=True)  # 1, 2, 3 ... without gaps
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()  # system time

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(position__gte=1), name="audit_seal_from_1")]

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"
