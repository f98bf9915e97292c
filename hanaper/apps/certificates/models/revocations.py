"""Requests to revoke, and what became of them."""

from django.db import models
from django.db.models import Q

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.vocabulary import (
    NEVER,
    OPEN_REVOCATION,
    RevocationReason,
    RevocationState,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class RevocationRequest(models.Model):
    """A request to revoke a service year: reviewed by an operator (R13), or made by one for cause."""

    public_id = PublicIdField("rvk")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="revocations")
    state = models.CharField(
        max_length=10,
        choices=[(state, state) for state in RevocationState],
        default=RevocationState.PENDING,
    )
    by_subscriber = models.BooleanField()
    for_cause = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=300)
    requested_at = models.DateTimeField()
    reason = models.CharField(max_length=30, choices=[(reason, reason) for reason in RevocationReason])
    text = models.CharField(max_length=1000, blank=True, default="")  # the requester's own words
    due_at = models.DateTimeField()  # D10
    # When the refund window closes that waits for it; NEVER: none does.
    window_closes_at = models.DateTimeField(default=NEVER)
    queue_key = models.CharField(max_length=60)  # D10: by window_closes_at, then by due_at
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=300, blank=True, default="")
    decision = models.CharField(max_length=1000, blank=True, default="")  # why it was refused
    alerted_at = models.DateTimeField(null=True)  # operators were told that it is overdue
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # system time: when the CA is told (again)
    fault = models.CharField(max_length=1000, blank=True, default="")

    account_path = "certificate__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state__in=OPEN_REVOCATION), name="revocation_one_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue_key", "id"], name="revocation_queue",
                condition=Q(state=RevocationState.PENDING),
            ),
            models.Index(fields=["certificate", "id"], name="revocation_by_certificate"),
            models.Index(fields=["next_at"], name="revocation_due", condition=Q(next_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id
