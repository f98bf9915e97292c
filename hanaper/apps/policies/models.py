from django.db import models

from hanaper.apps.accounts.models import User
from hanaper.storage.ids import PublicIdField

NAME_LENGTH = 40
TITLE_LENGTH = 200


class PolicyDraft(models.Model):
    """A refund policy that an operator is writing; it binds nobody. Gone once it is published or removed."""

    public_id = PublicIdField("pdr")
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField()  # TOML, as it was written; it always reads as a policy
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # whoever changes it says which one they read

    def __str__(self) -> str:
        return self.name


class PolicyDocument(models.Model):
    """A policy of this installation's own, as it was when it was first published (D9, D17). Append-only."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField()
    frozen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PublishedPolicy(models.Model):
    """From when a refund policy holds, for orders placed after (D9, D17). Append-only."""

    name = models.CharField(max_length=NAME_LENGTH)
    holds_from = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "orders_publishedpolicy"  # where it was before policies had an area of their own
        constraints = [models.UniqueConstraint(fields=["holds_from"], name="published_policy_once")]

    def __str__(self) -> str:
        return f"{self.name} from {self.holds_from}"
