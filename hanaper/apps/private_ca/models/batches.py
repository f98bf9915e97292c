"""Certificates that were ordered in a table."""

from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.states import (
    BatchRowState,
    BatchState,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class CertificateBatch(models.Model):
    """Certificates that were ordered in a table; issued in the background, a row after the other."""

    public_id = PublicIdField("bat")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificate_batches")
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in BatchState], default=BatchState.RUNNING
    )
    ordered_by = models.JSONField()  # core.actor.packed: whose name stands in the log
    total = models.PositiveIntegerField()
    begun = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # begun, and given up: not counted as begun any more
    code = models.CharField(max_length=60, blank=True, default="")  # why it stopped
    message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()  # system time

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ca"],
                name="certificate_batch_one_running",
                condition=Q(state=BatchState.RUNNING),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="certificate_batch_list"),
            models.Index(
                fields=["moved_at"],
                name="certificate_batch_running",
                condition=Q(state=BatchState.RUNNING),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class BatchRow(models.Model):
    """One row of the table, and the one certificate that it ever leads to."""

    batch = models.ForeignKey(CertificateBatch, on_delete=models.CASCADE, db_index=False, related_name="rows")
    number = models.PositiveIntegerField()  # as spreadsheets count
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in BatchRowState], default=BatchRowState.WAITING
    )
    request = models.JSONField()  # core.private_ca.tables.to_json
    certificate = models.OneToOneField(
        PrivateCertificate, on_delete=models.SET_NULL, null=True, related_name="batch_row"
    )
    code = models.CharField(max_length=60, blank=True, default="")  # why it was refused, or failed
    message = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="batch_row_number")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
