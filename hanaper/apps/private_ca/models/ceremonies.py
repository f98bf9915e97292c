"""What takes two persons."""

from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import (
    OPEN_CEREMONY,
    CeremonyState,
    Operation,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class TwoPersonRule(models.Model):
    """An account whose root operations take two persons; without a row, one is enough."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="two_person_rule")
    switched_on_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    switched_on_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"two persons for {self.account_id}"


class Ceremony(models.Model):
    """A root operation that one person proposes and another approves (docs/adr/0009).

    What is approved is what was proposed: operation, CA and parameters never change. The lease is system
    time.
    """

    public_id = PublicIdField("cer")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ceremonies")
    # None: about the account itself
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, null=True, related_name="ceremonies")
    operation = models.CharField(max_length=20, choices=[(one, one) for one in Operation])
    parameters = models.JSONField(default=dict)  # what the verb is told
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in CeremonyState], default=CeremonyState.PROPOSED
    )
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Who approved it, refused or withdrew it.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    actor = models.JSONField(null=True)  # of the approval: it is carried out in their name
    problem = models.JSONField(null=True)  # why it could not be carried out
    leased_until = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name_plural = "ceremonies"
        constraints = [
            models.UniqueConstraint(
                fields=["ca", "operation"], name="ceremony_one_open", condition=Q(state__in=OPEN_CEREMONY)
            ),
            models.UniqueConstraint(
                fields=["account", "operation"],
                name="ceremony_one_open_of_account",
                condition=Q(state__in=OPEN_CEREMONY, ca=None),
            ),
            models.CheckConstraint(
                name="ceremony_two_persons",
                condition=~Q(
                    state__in=[CeremonyState.APPROVED, CeremonyState.CARRIED_OUT, CeremonyState.FAILED]
                )
                | Q(decided_by__isnull=False, actor__isnull=False) & ~Q(decided_by=F("proposed_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="ceremony_by_account"),
            models.Index(fields=["expires_at"], name="ceremony_open", condition=Q(state__in=OPEN_CEREMONY)),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def target(self) -> str:
        """The public id of what it is about."""
        return self.ca.public_id if self.ca is not None else self.account.public_id


class CeremonyEntry(models.Model):
    """A line of the transcript of a ceremony, with a hash over the line before and itself. Append-only."""

    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField()  # 1, 2, 3 ...
    said = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ceremony", "position"], name="ceremony_entry_position")
        ]

    def __str__(self) -> str:
        return f"{self.ceremony_id}/{self.position}"
